"""Workers come, beat, and are forgotten, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from core.db.models import Worker, now
from core.db.queries import workers

Sessions = sessionmaker[Session]


def register(session: Session, worker_id: str, host: str = "box", trainers: int = 2) -> None:
    workers.register(
        session, worker_id, host=host, pid=1, device="cpu", memory_bytes=2**40, trainers=trainers, versions={"a": "1"}
    )


def test_each_beat_changes_what_is_read_of_it(sessions: Sessions) -> None:
    with sessions.begin() as session:
        register(session, "a")
        register(session, "b", host="another")
        before = workers.read_beats(session)
        assert workers.beat(session, "a")
        assert not workers.beat(session, "nobody")
        after = workers.read_beats(session)
        assert (after["a"] != before["a"], after["b"] == before["b"], len(after)) == (True, True, 2)
        assert set(workers.read_beats(session, "another")) == {"b"}
        assert [worker.id for worker in workers.list_workers(session)] == ["a", "b"]


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_dead_are_forgotten_after_a_while_whatever_the_clock_says(sessions: Sessions, hours: int) -> None:
    with sessions.begin() as session:
        for name in ("alive", "lately", "long ago"):
            register(session, name)
        session.execute(update(Worker).where(Worker.id != "lately").values(heartbeat=now() + timedelta(hours=hours)))
        workers.remove_dead(session, [], 600)
        workers.remove_dead(session, ["lately", "long ago"], 600)
        assert {worker.id for worker in workers.list_workers(session)} == {"alive", "lately"}
        workers.remove(session, "alive")
        assert [worker.id for worker in workers.list_workers(session)] == ["lately"]
