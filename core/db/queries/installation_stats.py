"""Counts over the whole installation, for monitoring. Cheap: reads no epoch rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from core.db.clock import read_clock
from core.db.models import Job, Worker
from core.db.queries.jobs import count_by_state
from core.db.queries.workers import list_workers
from core.db.states import State


@dataclass(frozen=True)
class InstallationStats:
    """``jobs``: number by state. ``queue_age``: seconds that the oldest queued job has waited, 0 if none.

    ``workers``: all known; ``alive``: the live ones.
    """

    jobs: dict[State, int]
    queue_age: float
    workers: Sequence[Worker]
    alive: Sequence[Worker]


def count_installation(
    session: Session, pick_alive: Callable[[Sequence[Worker], datetime], Sequence[Worker]]
) -> InstallationStats:
    """Count in the session's snapshot. ``pick_alive``: selects live workers, given the database's time."""
    clock = read_clock(session)
    # A released job's wait starts anew.
    since = case((Job.attempt == 0, Job.created), else_=func.coalesce(Job.rung, Job.created))
    oldest = session.execute(select(func.min(since)).where(Job.state == State.QUEUED)).scalar_one_or_none()
    workers = list_workers(session)
    return InstallationStats(
        jobs={state: 0 for state in State if state != State.DIVERGED} | count_by_state(session),
        queue_age=max(0.0, (clock - oldest).total_seconds()) if oldest else 0.0,
        workers=workers,
        alive=pick_alive(workers, clock),
    )
