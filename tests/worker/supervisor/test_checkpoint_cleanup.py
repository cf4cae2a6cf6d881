"""Which checkpoints are deleted, and when, on both databases."""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from core.archive.backup import back_up
from core.archive.restore import restore
from core.archive.writer import open_target
from core.db.engine import make_engine
from core.db.models import Experiment, Job, Run, now
from core.db.queries import experiments, jobs
from core.settings import Settings
from tests.installation import SMALL, Installation
from worker.supervisor.checkpoint_cleanup import STAGING_SECONDS, STRANGE_SECONDS, CheckpointCleanup
from worker.supervisor.checkpoint_folders import CheckpointFolder, read_mark
from worker.supervisor.database import Database

Sessions = sessionmaker[Session]
NAMES = ["00000004-aaaaaaaa.safetensors", "00000002-aaaaaaaa.safetensors"]
KEPT = [{"name": name, "epoch": 4, "bytes": 1} for name in NAMES]
ORPHANS = {"00000003-bbbbbbbb.safetensors", ".00000005-bbbbbbbb.safetensors.77"}


@pytest.fixture
def folder(settings: Settings) -> Path:
    assert settings.checkpoint_folder is not None
    settings.checkpoint_folder.mkdir(parents=True)
    return settings.checkpoint_folder


@pytest.fixture
def cleanup(settings: Settings, engine: Engine, folder: Path) -> CheckpointCleanup:
    return CheckpointCleanup(Database(engine), settings, CheckpointFolder(folder))


def make_jobs(sessions: Sessions, count: int) -> tuple[int, list[int]]:
    """An experiment and its jobs."""
    with sessions.begin() as session:
        experiment = Experiment(name="", notes="", spec={"epochs": 1})
        session.add(experiment)
        session.flush()
        made = [Job(experiment_id=experiment.id, epochs=1, checkpoints=KEPT) for _ in range(count)]
        session.add_all(made)
        session.flush()
        return experiment.id, [job.id for job in made]


def fill(folder: Path, job_ids: list[int], *more: str) -> None:
    for job_id in job_ids:
        (folder / f"job-{job_id}").mkdir()
        for name in (*NAMES, *more):
            (folder / f"job-{job_id}" / name).write_bytes(b"1")


def list_left(folder: Path) -> dict[str, set[str]]:
    return {path.name: {file.name for file in path.iterdir()} for path in folder.iterdir()}


def make_old(path: Path, seconds: float) -> None:
    os.utime(path, (0, time.time() - seconds - 5))


def test_checkpoints_of_deleted_jobs_go_at_the_next_look(
    cleanup: CheckpointCleanup, sessions: Sessions, folder: Path
) -> None:
    """However new its files are, and however many."""
    _, kept = make_jobs(sessions, 2)
    deleted, gone = make_jobs(sessions, 2_040)
    fill(folder, kept)
    fill(folder, gone, *ORPHANS, "strange")
    cleanup.remove_deleted()
    assert len(list_left(folder)) == 2_042
    with sessions.begin() as session:
        experiments.delete(session, deleted)
    start = time.monotonic()
    cleanup.remove_deleted()
    assert time.monotonic() - start < 30
    assert list_left(folder) == {f"job-{job_id}": set(NAMES) for job_id in kept}


def test_many_clean_ups_do_no_harm(settings: Settings, engine: Engine, sessions: Sessions, folder: Path) -> None:
    _, kept = make_jobs(sessions, 20)
    deleted, gone = make_jobs(sessions, 200)
    fill(folder, kept, *ORPHANS)
    fill(folder, gone)
    with sessions.begin() as session:
        experiments.delete(session, deleted)
    cleanups = [CheckpointCleanup(Database(engine), settings, CheckpointFolder(folder)) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(CheckpointCleanup.clean_up, cleanups))
    assert list_left(folder) == {f"job-{job_id}": set(NAMES) for job_id in kept}


def test_checkpoints_are_removed_when_their_time_is_over(
    cleanup: CheckpointCleanup, sessions: Sessions, settings: Settings, folder: Path
) -> None:
    _, (long_ago, lately) = make_jobs(sessions, 2)
    fill(folder, [long_ago, lately])
    hours = {long_ago: settings.checkpoint_keep_hours + 1, lately: settings.checkpoint_keep_hours - 1}
    with sessions.begin() as session:
        for job_id, over in hours.items():
            job = session.get_one(Job, job_id)
            job.state, job.finished = "completed", now() - timedelta(hours=over)
    cleanup.clean_up()
    assert list_left(folder) == {f"job-{lately}": set(NAMES)}
    with sessions() as session:
        assert [session.get_one(Job, job_id).checkpoints for job_id in (long_ago, lately)] == [[], KEPT]


def test_weights_are_kept_as_long_as_the_experiment(
    cleanup: CheckpointCleanup, sessions: Sessions, settings: Settings, folder: Path
) -> None:
    """Past the time of the checkpoints; not those of an earlier end, nor of a deleted experiment."""
    experiment, (long_ago, gone) = make_jobs(sessions, 2)
    own = ["00000000-aaaaaaaa.weights.safetensors", "00000001-aaaaaaaa.weights.safetensors"]
    earlier = [name.replace("aaaaaaaa", "bbbbbbbb") for name in own]
    fill(folder, [long_ago, gone], *own, *earlier)
    with sessions.begin() as session:
        for seed, name in enumerate((*own, None)):
            run = {"regularizer": "l2", "strength": 0.1, "seed": seed, "weights": name}
            session.add(Run(experiment_id=experiment, job_id=long_ago, **run))
        for job_id in (long_ago, gone):
            job = session.get_one(Job, job_id)
            job.state, job.finished = "completed", now() - timedelta(hours=settings.checkpoint_keep_hours + 1)
    cleanup.clean_up()
    assert list_left(folder) == {f"job-{long_ago}": set(own)}
    with sessions.begin() as session:
        experiments.delete(session, experiment)
    cleanup.remove_deleted()
    assert list_left(folder) == {}


def test_a_file_is_deleted_once_no_attempt_can_resume_from_it(
    cleanup: CheckpointCleanup, sessions: Sessions, folder: Path
) -> None:
    """What the holder of the lease writes, and has not told yet, stays; so does for a while what no trainer wrote."""
    _, (waits, trains) = make_jobs(sessions, 2)
    with sessions.begin() as session:
        claim = jobs.claim(session, trains, "w", 60)
        assert claim is not None
    own = {f"00000007-{claim.token[:8]}.safetensors", f".00000008-{claim.token[:8]}.safetensors.77"}
    fill(folder, [waits, trains], *ORPHANS, *own, "strange", "old")
    for job_id in (waits, trains):
        make_old(folder / f"job-{job_id}" / "old", STRANGE_SECONDS)
    cleanup.clean_up()
    assert list_left(folder) == {f"job-{waits}": {*NAMES, "strange"}, f"job-{trains}": {*NAMES, *own, "strange"}}
    with sessions.begin() as session:
        jobs.release(session, trains, claim.token)
    cleanup.clean_up()
    assert list_left(folder)[f"job-{trains}"] == {*NAMES, "strange"}


def test_checkpoints_that_are_being_restored_stay(
    cleanup: CheckpointCleanup,
    settings: Settings,
    sessions: Sessions,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its files are in their place before its rows are committed."""
    deleted, job_ids = make_jobs(sessions, 3)
    fill(folder, job_ids)
    own = make_engine(settings)
    with open_target(tmp_path / "backup.tar") as file:
        back_up(own, folder, file)
    with sessions.begin() as session:
        experiments.delete(session, deleted)
    cleanup.clean_up()
    assert list_left(folder) == {}
    placed, looked = threading.Event(), threading.Event()

    def wait_for_a_look(*_: object) -> None:
        publish(*_)
        placed.set()
        # The look waits for the commit: until then it must not have come to an end.
        assert not looked.wait(1)

    module = sys.modules[restore.__module__]
    publish = module._publish
    monkeypatch.setattr(module, "_publish", wait_for_a_look)
    with ThreadPoolExecutor(1) as pool:
        restoring = pool.submit(restore, own, folder, tmp_path / "backup.tar")
        assert placed.wait(20)
        cleanup.clean_up()
        looked.set()
        restoring.result(20)
    own.dispose()
    assert list_left(folder) == {f"job-{job_id}": set(NAMES) for job_id in job_ids}


def test_leftovers_of_a_killed_restore_go_a_day_later(cleanup: CheckpointCleanup, folder: Path) -> None:
    for name in (".restore-new", ".restore-old"):
        (folder / name / "job-1").mkdir(parents=True)
        (folder / name / "job-1" / NAMES[0]).write_bytes(b"1")
        (folder / f"{name}-spooled").write_bytes(b"1")
    for name in (".restore-old", ".restore-old-spooled"):
        make_old(folder / name, STAGING_SECONDS)
    cleanup.clean_up()
    assert {path.name for path in folder.iterdir()} == {".restore-new", ".restore-new-spooled"}


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("00000004-0123abcd.safetensors", "0123abcd"),
        (".00000004-0123abcd.safetensors.4711", "0123abcd"),
        ("00000004-0123abcd.safetensors.bak", None),
        ("0123abcd", None),
    ],
)
def test_a_files_name_tells_under_which_lease_it_was_written(name: str, mark: str | None) -> None:
    assert read_mark(name) == mark


def delete_trained(installation: Installation) -> Path:
    """The folder of an experiment's checkpoints, that was trained and then deleted."""
    experiment = installation.submit(SMALL)
    installation.wait_for_state(experiment, "completed", 60)
    assert installation.settings.checkpoint_folder is not None
    folder = installation.settings.checkpoint_folder / f"job-{installation.job(experiment).id}"
    assert list(folder.iterdir())
    if len(installation.workers) == 1:
        installation.workers[0].terminate()
        installation.workers[0].wait(20)
    with installation.sessions.begin() as session:
        experiments.delete(session, experiment)
    return folder


def test_workers_remove_what_was_deleted_within_a_minute_or_when_they_start(installation: Installation) -> None:
    installation.start_worker()
    while_nobody_was_there = delete_trained(installation)
    assert while_nobody_was_there.exists()
    installation.start_worker()
    assert installation.wait(lambda: not while_nobody_was_there.exists(), 20) < 20
    installation.start_worker()
    folder = delete_trained(installation)
    assert installation.wait(lambda: not folder.exists(), 60) < 60
