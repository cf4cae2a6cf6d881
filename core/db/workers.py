"""Workers: who is there, and how many trainers they keep. None of these functions commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.db.clock import read_clock
from core.db.models import Worker

ALIVE_SECONDS = 15.0


def register(
    session: Session,
    worker_id: str,
    *,
    host: str,
    pid: int,
    device: str,
    memory_bytes: int | None,
    trainers: int,
    versions: dict[str, Any],
) -> None:
    """This worker is there, its trainers warm."""
    clock = read_clock(session)
    session.merge(
        Worker(
            id=worker_id,
            host=host,
            pid=pid,
            device=device,
            memory_bytes=memory_bytes,
            trainers=trainers,
            versions=versions,
            started=clock,
            heartbeat=clock,
        )
    )
    session.flush()


def beat(session: Session, worker_id: str, counters: dict[str, int] | None = None) -> bool:
    """It is alive still, and has counted so much; False where its row is gone, and it must register again."""
    beaten = session.execute(
        update(Worker)
        .where(Worker.id == worker_id)
        .values(heartbeat=read_clock(session), counters=counters or {})
        .returning(Worker.id)
        .execution_options(synchronize_session=False)
    )
    return beaten.scalar_one_or_none() is not None


def remove(session: Session, worker_id: str) -> None:
    session.execute(delete(Worker).where(Worker.id == worker_id).execution_options(synchronize_session=False))


def remove_dead(session: Session, after_seconds: float) -> None:
    """Forget workers that have not beaten for so long."""
    late = read_clock(session) - timedelta(seconds=after_seconds)
    session.execute(delete(Worker).where(Worker.heartbeat < late).execution_options(synchronize_session=False))


def list_workers(session: Session) -> Sequence[Worker]:
    """All that are known, the oldest first, dead ones among them."""
    return session.execute(select(Worker).order_by(Worker.started, Worker.id)).scalars().all()


def find_last_sign(workers: Sequence[Worker], clock: datetime, is_full: bool) -> datetime:
    """As of when to judge whether they are alive: now; on a full disk, when the last of them could still say so."""
    return min(clock, max((worker.heartbeat for worker in workers), default=clock)) if is_full else clock


def count_trainers(session: Session, alive_seconds: float = ALIVE_SECONDS) -> int:
    """How many jobs the live workers train at once."""
    late = read_clock(session) - timedelta(seconds=alive_seconds)
    trainers = session.execute(select(func.coalesce(func.sum(Worker.trainers), 0)).where(Worker.heartbeat >= late))
    return int(trainers.scalar_one())


def is_alive_on(session: Session, host: str, alive_seconds: float = ALIVE_SECONDS) -> bool:
    """Whether a worker on ``host`` has beaten of late."""
    late = read_clock(session) - timedelta(seconds=alive_seconds)
    found = session.execute(select(Worker.id).where(Worker.host == host, Worker.heartbeat >= late).limit(1))
    return found.scalar_one_or_none() is not None
