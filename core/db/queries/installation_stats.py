"""What the whole installation looks like now, counted for monitoring. Reads only, and never an epoch's row."""

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
    """``jobs``: how many are in each state. ``queue_age``: seconds that the oldest queued job waits, 0 where none does.

    ``workers``: all that are known; ``alive``: those that beat.
    """

    jobs: dict[State, int]
    queue_age: float
    workers: Sequence[Worker]
    alive: Sequence[Worker]


def count_installation(
    session: Session, pick_alive: Callable[[Sequence[Worker], datetime], Sequence[Worker]]
) -> InstallationStats:
    """Count everything in the session's one snapshot. ``pick_alive``: of workers, at this time of the database."""
    clock = read_clock(session)
    # A job that was handed back waits anew, and is announced at once.
    since = case((Job.attempt == 0, Job.created), else_=func.coalesce(Job.rung, Job.created))
    oldest = session.execute(select(func.min(since)).where(Job.state == State.QUEUED)).scalar_one_or_none()
    workers = list_workers(session)
    return InstallationStats(
        jobs={state: 0 for state in State if state != State.DIVERGED} | count_by_state(session),
        queue_age=max(0.0, (clock - oldest).total_seconds()) if oldest else 0.0,
        workers=workers,
        alive=pick_alive(workers, clock),
    )
