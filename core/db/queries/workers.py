"""Queries about workers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, true, update
from sqlalchemy.orm import Session

from core.db.clock import is_far, read_clock
from core.db.models import Worker

# A worker whose heartbeat is unchanged for so long counts as dead.
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
    """Register a worker that is ready."""
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
    """Renew the heartbeat, and store counters; False where the worker must register again."""
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


def read_beats(session: Session, host: str | None = None) -> dict[str, datetime]:
    """The last heartbeat of each worker, of one host or all."""
    beats = select(Worker.id, Worker.heartbeat).where(Worker.host == host if host else true())
    return {row.id: row.heartbeat for row in session.execute(beats)}


def remove_dead(session: Session, silent: Collection[str], after_seconds: float) -> None:
    """Delete silent workers with an old heartbeat. One that is alive after all registers again."""
    if silent:
        old = is_far(Worker.heartbeat.expression, read_clock(session), after_seconds)
        gone = delete(Worker).where(Worker.id.in_(silent), old)
        session.execute(gone.execution_options(synchronize_session=False))


def list_workers(session: Session) -> Sequence[Worker]:
    """All known workers, dead ones included, oldest first."""
    return session.execute(select(Worker).order_by(Worker.started, Worker.id)).scalars().all()
