"""Queries about checkpoints and weights in use, and expired ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import String, cast, select, update
from sqlalchemy.orm import Session

from core.db.clock import read_clock
from core.db.models import Job, Run
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
    """The files that a job uses: checkpoints and weights that are named, and what the lease's holder may be writing."""

    names: frozenset[str]
    token: str | None


def list_claims(session: Session, job_ids: Iterable[int]) -> dict[int, Claims]:
    """The claims by job; deleted jobs are omitted."""
    claims: dict[int, Claims] = {}
    for some in _split(job_ids):
        found = session.execute(select(Job.id, Job.checkpoints, Job.token).where(Job.id.in_(some)))
        named = {row.id: ({checkpoint["name"] for checkpoint in row.checkpoints}, row.token) for row in found}
        weights = select(Run.job_id, Run.weights).where(Run.job_id.in_(some), Run.weights.is_not(None))
        for job_id, name in session.execute(weights):
            # It may have come since.
            if job_id in named:
                named[job_id][0].add(str(name))
        claims |= {job_id: Claims(frozenset(names), token) for job_id, (names, token) in named.items()}
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
