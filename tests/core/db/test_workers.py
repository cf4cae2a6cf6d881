"""Workers come, beat, and are forgotten, on both databases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from core.db import workers
from core.db.models import Worker, now

Sessions = sessionmaker[Session]


def register(session: Session, worker_id: str, host: str = "box", trainers: int = 2) -> None:
    workers.register(
        session, worker_id, host=host, pid=1, device="cpu", memory_bytes=2**40, trainers=trainers, versions={"a": "1"}
    )


def test_trainers_of_live_workers_are_counted(sessions: Sessions) -> None:
    with sessions.begin() as session:
        assert workers.count_trainers(session, 15) == 0
        register(session, "a")
        register(session, "a", trainers=3)
        register(session, "b", host="another")
        assert workers.count_trainers(session, 15) == 5
    with sessions.begin() as session:
        session.execute(update(Worker).where(Worker.id == "b").values(heartbeat=now() - timedelta(seconds=60)))
        assert workers.count_trainers(session, 15) == 3
        assert workers.is_alive_on(session, "box")
        assert not workers.is_alive_on(session, "another")
        assert not workers.is_alive_on(session, "nowhere")
        assert [worker.id for worker in workers.list_workers(session)] == ["a", "b"]


def test_a_beat_revives_and_the_dead_are_forgotten(sessions: Sessions) -> None:
    with sessions.begin() as session:
        register(session, "a")
        register(session, "b")
        session.execute(update(Worker).values(heartbeat=now() - timedelta(hours=1)))
        assert workers.beat(session, "a")
        assert not workers.beat(session, "nobody")
        workers.remove_dead(session, 600)
        assert [worker.id for worker in workers.list_workers(session)] == ["a"]
        workers.remove(session, "a")
        assert workers.list_workers(session) == []
