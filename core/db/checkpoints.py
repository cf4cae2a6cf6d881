"""Checkpoints that jobs may go on from: which those are, and which nobody will. None of these functions commits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import String, cast, select, update
from sqlalchemy.orm import Session

from core.db.clock import read_clock
from core.db.models import Job
from core.db.states import TERMINAL


def expire(session: Session, keep_seconds: float) -> list[int]:
    """Jobs that ended so long ago have none from now on; the ids of those that had some."""
    late = read_clock(session) - timedelta(seconds=keep_seconds)
    has_some = cast(Job.checkpoints, String) != "[]"
    expired = (
        update(Job)
        .where(Job.state.in_(TERMINAL), Job.finished < late, has_some)
        .values(checkpoints=[])
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.execute(expired).scalars())


def list_names(session: Session, job_ids: Iterable[int]) -> dict[int, list[str]]:
    """By job: the names of its files; jobs that are no more are left out."""
    found = session.execute(select(Job.id, Job.checkpoints).where(Job.id.in_(list(job_ids))))
    return {row.id: [checkpoint["name"] for checkpoint in row.checkpoints] for row in found}
