"""Processes that die, on both stacks: no job is stuck, no row is double, nothing is left running."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest
from sqlalchemy import select

from core.db.models import Job
from core.db.queries import workers
from tests.installation import ENDLESS, SMALL, Installation, is_running, list_trainers

MANY = SMALL | {"epochs": 100}


def check_complete(installation: Installation, experiment: int, epochs: int) -> None:
    assert list(installation.epochs(experiment).values()) == [list(range(epochs + 1))] * 3
    assert {run.state for run in installation.runs(experiment)} == {"completed"}


def test_a_killed_trainer_is_replaced_and_its_job_tried_again(
    installation: Installation, worker: subprocess.Popen[bytes]
) -> None:
    experiment = installation.submit(MANY)
    installation.wait_for_rows(experiment)
    (trainer,) = list_trainers(worker)
    os.kill(trainer, signal.SIGKILL)
    installation.wait(lambda: installation.job(experiment).failures == 1)
    assert "was killed by SIGKILL" in (installation.job(experiment).error or "")
    installation.wait_for_state(experiment, "completed", 60)
    job = installation.job(experiment)
    assert (job.attempt, job.failures, job.error) == (2, 1, None)
    check_complete(installation, experiment, 100)
    assert worker.poll() is None


@pytest.mark.alone
def test_a_trainer_that_hangs_is_killed_when_its_job_is_cancelled(
    installation: Installation, worker: subprocess.Popen[bytes]
) -> None:
    experiment = installation.submit(ENDLESS)
    installation.wait_for_rows(experiment)
    (trainer,) = list_trainers(worker)
    os.kill(trainer, signal.SIGSTOP)
    installation.cancel(experiment)
    assert installation.wait_for_state(experiment, "cancelled") < 2
    assert installation.job(experiment).failures == 0
    assert not is_running(trainer)


def test_a_killed_worker_leaves_no_trainer_and_its_job_to_the_next(
    installation: Installation, worker: subprocess.Popen[bytes]
) -> None:
    experiment = installation.submit(MANY)
    installation.wait_for_rows(experiment)
    trainers = list_trainers(worker)
    assert trainers
    worker.kill()
    worker.wait()
    installation.wait(lambda: not any(map(is_running, trainers)), 5)
    assert installation.job(experiment).state == "running"
    installation.start_worker()
    installation.wait_for_state(experiment, "completed", 60)
    job = installation.job(experiment)
    assert (job.attempt, job.failures) == (2, 1)
    check_complete(installation, experiment, 100)


@pytest.mark.alone
def test_a_worker_that_is_told_to_leave_gives_its_job_back(
    installation: Installation, worker: subprocess.Popen[bytes]
) -> None:
    # As Ctrl-C does it at a terminal, and as a container is stopped.
    signals = {"sqlite": signal.SIGINT, "postgresql+psycopg": signal.SIGTERM}
    told = signals[installation.settings.database_url.partition(":")[0]]
    experiment = installation.submit(ENDLESS)
    installation.wait_for_rows(experiment)
    trainers = list_trainers(worker)
    # A terminal tells the whole group, and whoever started the worker tells it once more.
    for process in (worker.pid, *trainers, worker.pid):
        os.kill(process, told)
    assert worker.wait(5) == 0
    assert not any(map(is_running, trainers))
    job = installation.job(experiment)
    assert (job.state, job.token, job.failures, job.attempt) == ("queued", None, 0, 1)
    assert job.rung is not None
    assert worker.pid not in [row.pid for row in installation.read(workers.list_workers)]
    installation.cancel(experiment)
    assert installation.job(experiment).state == "cancelled"


def test_nothing_is_left_running(installation: Installation) -> None:
    left = select(Job.id).where(Job.state.in_(["queued", "running"]))
    assert installation.read(lambda s: s.execute(left).all()) == []
