"""Workers alive and dead as the API sees them, and cancelled jobs whose worker is dead, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session, sessionmaker

from backend.monitoring.worker_liveness import WorkerLiveness
from core.db.clock import read_clock
from core.db.disk_space import DiskSpace
from core.db.models import Job, Worker, now
from core.db.queries import workers
from core.failure_detector import FailureDetector
from tests.backend.conftest import Trainer

Sessions = sessionmaker[Session]
LEASE_SECONDS = 20.0


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


class FullDisk(DiskSpace):
    """Whether it is, a test says."""

    full = False

    def is_full(self) -> bool:
        return self.full


@pytest.fixture
def disk(engine: Engine) -> FullDisk:
    return FullDisk(engine)


@pytest.fixture
def liveness(sessions: Sessions, readers: Sessions, clock: Clock, disk: FullDisk) -> WorkerLiveness:
    """That of an API that was started just now; ``clock`` is its own."""
    liveness = WorkerLiveness(sessions, readers, LEASE_SECONDS, disk)
    liveness._beats, liveness._leases = FailureDetector(3.0, clock), FailureDetector(3.0, clock)
    return liveness


def register(sessions: Sessions, *names: str, hours: float = 0) -> None:
    """Workers whose clock is so many hours ahead."""
    own: dict[str, Any] = {"host": "box", "pid": 1, "device": "cpu", "memory_bytes": 1, "versions": {}}
    with sessions.begin() as session:
        for name in names:
            workers.register(session, name, trainers=2, **own)
        ahead = {"heartbeat": now() + timedelta(hours=hours)}
        session.execute(update(Worker).where(Worker.id.in_(names)).values(ahead))


def watch(
    liveness: WorkerLiveness, sessions: Sessions, clock: Clock, seconds: float, *beating: str, hours: float = 0
) -> None:
    """For so long, in which these beat, by a clock that is so many hours ahead."""
    end = clock.time + seconds
    while clock.time < end:
        with sessions.begin() as session:
            beat = {"heartbeat": now() + timedelta(hours=hours)}
            session.execute(update(Worker).where(Worker.id.in_(beating)).values(beat))
        liveness.check()
        clock.time += 2


def list_alive(liveness: WorkerLiveness, sessions: Sessions) -> set[str]:
    with sessions() as session:
        picked = liveness.pick_alive(workers.list_workers(session), read_clock(session))
        return {worker.id for worker in picked}


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_who_beats_is_alive_and_who_does_not_is_dead_whatever_their_clocks_say(
    liveness: WorkerLiveness, sessions: Sessions, clock: Clock, hours: int
) -> None:
    register(sessions, "lives", "dies", hours=hours)
    watch(liveness, sessions, clock, 6, "lives", "dies", hours=hours)
    assert list_alive(liveness, sessions) == {"lives", "dies"}
    watch(liveness, sessions, clock, 20, "lives", hours=hours)
    assert list_alive(liveness, sessions) == {"lives"}
    with sessions() as session:
        assert liveness.count_trainers(session) == 2


def test_the_clock_jumps_under_workers_that_live(liveness: WorkerLiveness, sessions: Sessions, clock: Clock) -> None:
    register(sessions, "a")
    for hours in (0, -1, 0, 1, 0):
        watch(liveness, sessions, clock, 6, "a", hours=hours)
        assert list_alive(liveness, sessions) == {"a"}


def test_a_full_disk_on_which_nobody_can_beat_makes_nobody_dead(
    liveness: WorkerLiveness, sessions: Sessions, clock: Clock, disk: FullDisk
) -> None:
    """Nor does its end, before they have beaten again; and who was dead stays dead."""
    register(sessions, "lives", "dead")
    watch(liveness, sessions, clock, 20, "lives")
    disk.full = True
    watch(liveness, sessions, clock, 100)
    assert list_alive(liveness, sessions) == {"lives"}
    disk.full = False
    watch(liveness, sessions, clock, 10)
    assert list_alive(liveness, sessions) == {"lives"}
    watch(liveness, sessions, clock, 10)
    assert list_alive(liveness, sessions) == set()


@pytest.mark.parametrize("hours", [-1, 1])
def test_of_whom_nothing_was_seen_yet_the_time_stamp_is_all_there_is(
    liveness: WorkerLiveness, sessions: Sessions, hours: int
) -> None:
    """After a start with the clock set back, the dead worker of before is not alive because its beat is to come."""
    register(sessions, "old", hours=hours)
    register(sessions, "new")
    assert list_alive(liveness, sessions) == {"new"}
    liveness.check()
    assert list_alive(liveness, sessions) == {"new"}


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_a_cancelled_job_whose_worker_is_gone_ends_without_any_worker(
    app: FastAPI,
    api: httpx.Client,
    trainer: Trainer,
    spec: dict[str, Any],
    liveness: WorkerLiveness,
    sessions: Sessions,
    clock: Clock,
    hours: int,
) -> None:
    """Whether the clock was set since its last heartbeat or not; and what has ended can be deleted."""
    made = api.post("/api/experiments", json=spec | {"seeds": 1}).json()
    address = f"/api/experiments/{made['id']}"
    for job in made["jobs"]:
        trainer.claim(job["id"])
    with sessions.begin() as session:
        session.execute(update(Job).values(lease_expires=now() + timedelta(hours=hours)))
    watch(liveness, sessions, clock, LEASE_SECONDS + 4)
    assert api.get(address).json()["state"] == "running"
    assert api.delete(address).status_code == 409
    assert api.post(f"{address}/cancel").json()["cancel_requested"]
    watch(liveness, sessions, clock, 2)
    assert api.get(address).json()["state"] == "cancelled"
    assert api.delete(address).status_code == 204


def test_a_cancelled_job_whose_worker_renews_its_lease_is_its_workers_to_end(
    api: httpx.Client,
    trainer: Trainer,
    spec: dict[str, Any],
    liveness: WorkerLiveness,
    sessions: Sessions,
    clock: Clock,
) -> None:
    made = api.post("/api/experiments", json=spec | {"seeds": 1}).json()
    for job in made["jobs"]:
        trainer.claim(job["id"])
    assert api.post(f"/api/experiments/{made['id']}/cancel").json()["cancel_requested"]
    for turn in range(20):
        with sessions.begin() as session:
            session.execute(update(Job).values(lease_expires=now() + timedelta(hours=turn % 3)))
        watch(liveness, sessions, clock, 2)
    assert api.get(f"/api/experiments/{made['id']}").json()["state"] == "running"


def test_an_api_that_runs_ends_it_by_itself(
    app: FastAPI, api: httpx.Client, trainer: Trainer, spec: dict[str, Any]
) -> None:
    app.state.shared.worker_liveness._lease_seconds = 1.0
    made = api.post("/api/experiments", json=spec | {"seeds": 1}).json()
    for job in made["jobs"]:
        trainer.claim(job["id"])
    api.post(f"/api/experiments/{made['id']}/cancel")
    events = api.stream("GET", f"/api/experiments/{made['id']}/events")
    with events as stream:
        assert any('"state":"cancelled"' in line.replace(" ", "") for line in stream.iter_lines())
