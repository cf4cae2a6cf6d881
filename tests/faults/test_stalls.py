"""A worker that was frozen past its lease cannot write, and its trainer does not train what another has taken over."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from core.db.models import Job, Worker
from tests.faults import audit
from tests.faults.conftest import Workers, list_alive, thaw
from tests.faults.figures import Trial
from tests.faults.processes import read_cpu_seconds
from tests.faults.scale import promise
from tests.faults.stacks import Stack
from tests.installation import SMALL, Installation, list_trainers

# Epochs of some tenths of a second: faster ones fill the pipe, at which a trainer stops anyway.
SLOW = SMALL | {"dataset": {"name": "digits"}, "batch_size": 2, "epochs": 50_000}
# A waiting trainer looks twenty times a second whether it may go on.
IDLE_SHARE = 0.1
WHO = ("supervisor", "both", "supervisor", "trainer")


@dataclass
class Stalled:
    """Shares of a core that the first trainer used from the takeover to the thaw, and seconds that it did after."""

    frozen_share: float
    thawed_seconds: float


@pytest.fixture
def pair(installation: Installation, workers: Workers, stack: Stack, tmp_path: Path) -> Iterator[Installation]:
    """Its two workers do not wait for long until they call a trainer hung."""
    workers(0)
    own = Installation(stack.settings.model_copy(update={"step_seconds": 10.0}), tmp_path)
    for _ in range(2):
        own.start_worker()
    yield own
    thaw(own)
    own.close()


@promise("a stalled worker cannot write", small=1, full=50, minutes=40)
def test_a_stalled_worker_cannot_write(pair: Installation, trial: Trial) -> None:
    """``number``: times that the supervisor, its trainer or both are stopped until another has the job, and go on then.

    A trainer that is stopped alone hangs: its supervisor kills it.
    """
    who, stalled = Counter[str](), list[Stalled]()
    experiment = pair.submit(SLOW)
    for turn in range(trial.number):
        pair.wait(lambda: pair.job(experiment).checkpoints, 60)
        job = pair.job(experiment)
        pair.wait(lambda job=job: pair.job(experiment).epoch > job.epoch)  # type: ignore[misc]  # mypy infers no lambda with a default
        time.sleep(trial.random.uniform(0, 0.3))
        part = WHO[turn % len(WHO)]
        who[part] += 1
        found = stall(pair, experiment, part)
        stalled += [found] if found else []
        time.sleep(trial.random.uniform(0, 0.5))
    job = pair.job(experiment)
    pair.cancel(experiment)
    pair.wait_for_state(experiment, "cancelled")
    strays = audit.list_strays(pair, job.id)
    epochs = pair.epochs(experiment)
    last = pair.job(experiment).epoch
    wrong = sum(own != list(range(last + 1)) for own in epochs.values())
    trial.see(
        **{f"{name}_stopped": count for name, count in who.items()},
        attempts=job.attempt,
        rows=sum(map(len, epochs.values())),
        written_by_the_old_attempt=len(strays),
        runs_with_missing_rows=wrong,
        most_CPU_of_a_trainer_whose_job_another_has_percent=100 * max(each.frozen_share for each in stalled),
        longest_CPU_after_the_thaw_seconds=max(each.thawed_seconds for each in stalled),
    )
    assert (strays, wrong) == ([], 0)
    assert job.attempt == trial.number + 1
    assert max(each.frozen_share for each in stalled) < IDLE_SHARE


def stall(installation: Installation, experiment: int, part: str) -> Stalled | None:
    """Freeze, wait for the next attempt, thaw, and wait until the first has let go."""
    job = installation.job(experiment)
    worker = find_worker(installation, job)
    (trainer,) = list_trainers(worker)
    frozen = {"supervisor": [worker.pid], "trainer": [trainer], "both": [worker.pid, trainer]}[part]
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    while is_locked(installation):
        # On SQLite nobody can take a lock from a process: all wait until it goes on.
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        time.sleep(0.013)
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
    installation.wait(lambda: installation.job(experiment).attempt > job.attempt, 30)
    if part == "trainer":
        installation.wait(lambda: trainer not in list_trainers(worker))
        installation.wait(lambda: list_trainers(worker), 60)
        installation.wait(lambda: installation.job(experiment).epoch > 0)
        return None
    taken = installation.job(experiment)
    used, start = read_cpu_seconds(trainer), time.monotonic()
    # Until the other one writes too.
    installation.wait(lambda: installation.job(experiment).epoch > taken.epoch)
    time.sleep(1)
    thawed = read_cpu_seconds(trainer)
    share = (thawed - used) / (time.monotonic() - start)
    for pid in frozen:
        os.kill(pid, signal.SIGCONT)
    again = await_idle(trainer)
    assert installation.job(experiment).attempt == taken.attempt
    return Stalled(share, again - thawed)


def await_idle(pid: int) -> float:
    """The seconds that it has computed for when it does no more: its heartbeat heard that the lease is another's."""
    deadline, used, since = time.monotonic() + 20, read_cpu_seconds(pid), time.monotonic()
    while time.monotonic() < since + 1:
        assert time.monotonic() < deadline, "it trains on"
        time.sleep(0.1)
        try:
            now = read_cpu_seconds(pid)
        except FileNotFoundError:
            # On a busy machine it does not hear in time that it shall stop, and its supervisor ends it.
            return used
        if now > used + IDLE_SHARE:
            used, since = now, time.monotonic()
    return used


def is_locked(installation: Installation) -> bool:
    """Whether a transaction that writes is open on SQLite; on PostgreSQL the server ends those of frozen clients."""
    url = installation.settings.database_url
    if not url.startswith("sqlite:///"):
        return False
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=0.5, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    finally:
        connection.close()
    return False


def find_worker(installation: Installation, job: Job) -> subprocess.Popen[bytes]:
    held = select(Worker.pid).where(Worker.id == job.worker_id)
    pid = installation.read(lambda s: s.execute(held).scalar_one())
    return next(worker for worker in list_alive(installation) if worker.pid == pid)
