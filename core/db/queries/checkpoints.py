"""Queries about checkpoints in use and expired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import String, cast, select, update
from sqlalchemy.orm import Session

from core.db.clock import read_clock
from core.db.models import Job
from core.db.states import TERMINAL

# The number of parameters of a statement is limited.
_AT_ONCE = 1_000


def expire(session: Session, keep_seconds: float) -> list[int]:
    """Remove the checkpoints of jobs that ended longer ago than ``keep_seconds``; the ids of these jobs."""
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


@dataclass(frozen=True)
class Claims:
    """The files that a job uses: those named, and those that the lease's holder may be writing."""

    names: frozenset[str]
    token: str | None


def list_claims(session: Session, job_ids: Iterable[int]) -> dict[int, Claims]:
    """The claims by job; deleted jobs are omitted."""
    claims = {}
    for some in _split(job_ids):
        found = session.execute(select(Job.id, Job.checkpoints, Job.token).where(Job.id.in_(some)))
        for row in found:
            claims[row.id] = Claims(frozenset(checkpoint["name"] for checkpoint in row.checkpoints), row.token)
    return claims


def list_known(session: Session, job_ids: Iterable[int]) -> set[int]:
    """Those of these jobs that exist."""
    known: set[int] = set()
    for some in _split(job_ids):
        known.update(session.execute(select(Job.id).where(Job.id.in_(some))).scalars())
    return known


def _split(job_ids: Iterable[int]) -> Iterator[list[int]]:
    ids = list(job_ids)
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
