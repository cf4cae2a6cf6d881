"""The reconciler's rounds, on both databases."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from core.db.models import Experiment, Job, now
from core.db.queries import jobs
from core.queue import JobQueue
from core.settings import Settings
from tests import full_disk
from tests.servers import find_port
from worker.supervisor.database import Database
from worker.supervisor.reconciler import Reconciler

Sessions = sessionmaker[Session]
MakeReconciler = Callable[[int], Reconciler]


@pytest.fixture
def announced() -> list[int]:
    return []


@pytest.fixture
def quick(settings: Settings) -> Settings:
    """Leases that a test can wait for."""
    return settings.model_copy(update={"lease_seconds": 1.0, "heartbeat_seconds": 0.3, "reconcile_seconds": 0.1})


@pytest.fixture
def make_reconciler(quick: Settings, engine: Engine, announced: list[int]) -> MakeReconciler:
    """Makes the reconciler of a worker with so many idle trainers."""
    database = Database(engine)
    return lambda idle: Reconciler(database, quick, announced.extend, lambda: idle)


@pytest.fixture
def waiting(sessions: Sessions) -> list[int]:
    """Three jobs that have waited for a minute."""
    with sessions.begin() as session:
        experiment = Experiment(name="", notes="", spec={})
        session.add(experiment)
        session.flush()
        created = now() - timedelta(minutes=1)
        made = [Job(experiment_id=experiment.id, epochs=1, created=created) for _ in range(3)]
        session.add_all(made)
        session.flush()
        return [job.id for job in made]


def test_jobs_that_nobody_claimed_are_announced_once_in_a_while(
    make_reconciler: MakeReconciler, waiting: list[int], announced: list[int]
) -> None:
    assert make_reconciler(0).reconcile() == []
    assert make_reconciler(1).reconcile() == waiting
    assert make_reconciler(1).reconcile() == []
    assert announced == waiting


def test_many_reconcilers_announce_each_job_once(
    make_reconciler: MakeReconciler, waiting: list[int], announced: list[int]
) -> None:
    reconcilers = [make_reconciler(1) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(Reconciler.reconcile, reconcilers))
    assert sorted(announced) == waiting


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_a_job_whose_lease_is_not_renewed_is_taken_back_and_announced_once(
    quick: Settings,
    make_reconciler: MakeReconciler,
    sessions: Sessions,
    waiting: list[int],
    announced: list[int],
    hours: int,
) -> None:
    """By the clock of whoever claimed it, its lease ends within seconds, ended long ago, or lasts for an hour yet."""
    with sessions.begin() as session:
        jobs.mark_announced(session, waiting)
        assert jobs.claim(session, waiting[1], "w", 60 + 3600 * hours)
    reconcilers = [make_reconciler(1) for _ in range(4)]
    began = time.monotonic()
    while not announced and time.monotonic() < began + 20:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(Reconciler.reconcile, reconcilers))
        time.sleep(0.1)
    assert time.monotonic() - began >= quick.lease_seconds
    assert announced == [waiting[1]]
    with sessions() as session:
        job = session.get_one(Job, waiting[1])
    assert (job.state, job.failures) == ("queued", 1)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_job_whose_lease_is_renewed_is_left_alone_while_the_clock_jumps(
    quick: Settings, make_reconciler: MakeReconciler, sessions: Sessions, waiting: list[int], hours: int
) -> None:
    with sessions.begin() as session:
        claim = jobs.claim(session, waiting[0], "w", quick.lease_seconds)
    assert claim is not None
    reconciler, began, turn = make_reconciler(1), time.monotonic(), 0
    while time.monotonic() < began + 3 * quick.lease_seconds:
        turn += 1
        with sessions.begin() as session:
            jobs.heartbeat(session, claim.job_id, claim.token, quick.lease_seconds + 3600 * hours * (turn % 2))
        reconciler.reconcile()
        time.sleep(0.1)
    with sessions() as session:
        assert session.get_one(Job, waiting[0]).token == claim.token


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_after_a_wait_for_the_database_there_is_time_to_renew_leases(
    quick: Settings, make_reconciler: MakeReconciler, sessions: Sessions, waiting: list[int]
) -> None:
    with sessions.begin() as session:
        claim = jobs.claim(session, waiting[0], "w", quick.lease_seconds)
        assert claim is not None
    reconciler = make_reconciler(1)
    reconciler.reconcile()
    locked = sessions()
    locked.connection()
    with ThreadPoolExecutor(1) as pool:
        round_ = pool.submit(reconciler.reconcile)
        # Longer than a lease.
        time.sleep(2 * quick.lease_seconds)
        locked.close()
        round_.result(20)
    reconciler.reconcile()
    with sessions.begin() as session:
        assert jobs.heartbeat(session, claim.job_id, claim.token, 60) is False


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_while_the_disk_is_full_no_lease_runs_out(
    quick: Settings, engine: Engine, database_url: str, sessions: Sessions, waiting: list[int]
) -> None:
    """Nobody can renew one; and once there is room, its holder has time to."""
    with sessions.begin() as session:
        claim = jobs.claim(session, waiting[0], "w", quick.lease_seconds)
        assert claim is not None
    database = Database(engine)
    reconciler = Reconciler(database, quick, lambda _: None, lambda: 0)
    full_disk.fill(database_url)
    with pytest.raises(OperationalError, match="No space left on device"):
        database.write(lambda s: s.execute(text("INSERT INTO epochs (run_id, epoch) VALUES (1, 1)")))
    end = time.monotonic() + 2 * quick.lease_seconds
    while time.monotonic() < end:
        reconciler.reconcile()
        time.sleep(quick.reconcile_seconds)
    full_disk.make_room(database_url)
    reconciler.reconcile()
    with sessions.begin() as session:
        assert jobs.heartbeat(session, claim.job_id, claim.token, 60) is False


def test_a_stopping_worker_announces_only_the_jobs_that_it_gave_back(
    make_reconciler: MakeReconciler, sessions: Sessions, waiting: list[int], announced: list[int]
) -> None:
    with sessions.begin() as session:
        jobs.mark_announced(session, waiting)
        claim = jobs.claim(session, waiting[2], "w", 60)
        assert claim is not None
        jobs.release(session, claim.job_id, claim.token)
    make_reconciler(0).hand_over()
    assert announced == [waiting[2]]


@pytest.mark.alone
def test_a_broker_that_is_away_is_no_harm(tmp_path: Path) -> None:
    queue = JobQueue(Settings(home=tmp_path, broker_url=f"redis://127.0.0.1:{find_port()}/0"))
    start = time.monotonic()
    assert not queue.send([1, 2, 3])
    assert time.monotonic() - start < 2


def test_a_broker_that_hangs_up_is_tried_once(tmp_path: Path) -> None:
    """Its retries would hold the reconciler up for seconds; the next round announces again."""
    tried = []
    with socket.create_server(("127.0.0.1", 0)) as broker:

        def hang_up() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, address = broker.accept()
                    tried.append(address)
                    connection.close()

        threading.Thread(target=hang_up, daemon=True).start()
        url = f"redis://127.0.0.1:{broker.getsockname()[1]}/0"
        assert not JobQueue(Settings(home=tmp_path, broker_url=url)).send([1, 2, 3])
        broker.shutdown(socket.SHUT_RDWR)
    assert len(tried) == 1


@pytest.mark.timeout(10)
def test_a_broker_that_never_answers_is_no_harm(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as broker:
        url = f"redis://127.0.0.1:{broker.getsockname()[1]}/0"
        assert not JobQueue(Settings(home=tmp_path, broker_url=url)).send([1, 2, 3])
