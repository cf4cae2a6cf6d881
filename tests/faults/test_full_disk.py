"""A disk without room for checkpoints: the job says so and trains on, and saves again once there is room."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import Workers, list_alive
from tests.faults.disks import LimitedFiles, SmallDisk, make_disk
from tests.faults.figures import Trial
from tests.faults.scale import FULL, promise
from tests.faults.stacks import Stack
from tests.installation import SMALL, Installation, list_trainers


@pytest.fixture
def disk(
    installation: Installation, workers: Workers, stack: Stack, tmp_path: Path
) -> Iterator[tuple[SmallDisk | LimitedFiles, Installation]]:
    """For checkpoints, with a worker that writes them there. In `make test` it is the one that is there already."""
    if not FULL:
        (worker,) = workers(1)
        yield LimitedFiles(lambda: list_trainers(worker)), installation
        return
    workers(0)
    folder = tmp_path / "checkpoints"
    folder.mkdir()
    own = Installation(stack.settings.model_copy(update={"checkpoint_folder": folder}), tmp_path)
    with make_disk(folder, lambda: list_trainers(list_alive(own)[0])) as disk:
        own.start_worker()
        yield disk, own
        own.close()


@promise("the disk is full", small=1, full=20, minutes=10)
def test_a_full_disk_is_said_and_gone_on_from(
    disk: tuple[SmallDisk | LimitedFiles, Installation], trial: Trial
) -> None:
    """``number``: times that it is full and then no more; in every other the trainer is killed meanwhile."""
    full, installation = disk
    worker = list_alive(installation)[0]
    experiment = installation.submit(SMALL | {"epochs": 90_000})
    installation.wait(lambda: installation.job(experiment).checkpoints)
    said, saved, kills = [], [], 0
    for turn in range(trial.number):

        def is_said() -> bool:
            full.fill()
            return bool(installation.job(experiment).notice)

        said.append(installation.wait(is_said))
        job = installation.job(experiment)
        assert full.says in (job.notice or "")
        installation.wait(lambda job=job: installation.job(experiment).epoch > job.epoch + 20)  # type: ignore[misc]  # mypy infers no lambda with a default
        assert installation.job(experiment).checkpoints == job.checkpoints
        if turn % 2:
            kills += 1
            os.kill(list_trainers(worker)[0], signal.SIGKILL)
            installation.wait(lambda job=job: installation.job(experiment).attempt > job.attempt, 120)  # type: ignore[misc]  # mypy infers no lambda with a default
            last = job.checkpoints[0]["epoch"]
            known = len(job.rewinds)
            installation.wait(lambda known=known: len(installation.job(experiment).rewinds) > known)  # type: ignore[misc]  # mypy infers no lambda with a default
            assert installation.job(experiment).rewinds[-1] == [job.attempt + 1, last]
        full.make_room()
        saved.append(installation.wait(lambda: not installation.job(experiment).notice))
        installation.wait(lambda job=job: installation.job(experiment).checkpoints[0] != job.checkpoints[0])  # type: ignore[misc]  # mypy infers no lambda with a default
    job = installation.job(experiment)
    installation.cancel(experiment)
    trial.see(
        full=trial.number,
        by=full.name,
        said_max_seconds=max(said),
        saved_again_max_seconds=max(saved),
        trainers_killed_meanwhile=kills,
        attempts=job.attempt,
    )
    assert job.attempt == kills + 1
