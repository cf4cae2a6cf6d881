"""Runs: read whole for one experiment, and in brief for many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.models import Job, Run


@dataclass(frozen=True)
class RunBrief:
    """What summaries need of a run: no more is read, so that a list of experiments stays cheap.

    ``last`` holds validation_score and validation_loss of the newest row; ``seconds`` its training time.
    """

    experiment_id: int
    job_id: int
    regularizer: str
    strength: float
    state: str
    last: dict[str, float | None]
    seconds: float | None


def list_runs(session: Session, experiment_id: int) -> Sequence[Run]:
    """All runs of an experiment in the order of the plan: the baseline first."""
    return session.execute(select(Run).where(Run.experiment_id == experiment_id).order_by(Run.id)).scalars().all()


def list_briefs(session: Session, experiment_ids: Iterable[int]) -> dict[int, list[RunBrief]]:
    """By experiment: its runs in brief, in one query."""
    numbers = [_number(name) for name in ("validation_score", "validation_loss", "seconds")]
    columns = (Run.experiment_id, Run.job_id, Run.regularizer, Run.strength, Run.state, *numbers)
    ids = list(experiment_ids)
    found: dict[int, list[RunBrief]] = {experiment_id: [] for experiment_id in ids}
    rows = session.execute(select(*columns).where(Run.experiment_id.in_(ids)).order_by(Run.id)).all()
    for experiment_id, job_id, regularizer, strength, state, score, loss, seconds in rows:
        last = {"validation_score": score, "validation_loss": loss}
        found[experiment_id].append(RunBrief(experiment_id, job_id, regularizer, strength, state, last, seconds))
    return found


def _number(metric: str) -> Any:
    return Run.last[metric].as_float()


def list_jobs(session: Session, experiment_ids: Iterable[int]) -> dict[int, list[Job]]:
    """By experiment: its jobs, in one query."""
    ids = list(experiment_ids)
    found: dict[int, list[Job]] = {experiment_id: [] for experiment_id in ids}
    for job in session.execute(select(Job).where(Job.experiment_id.in_(ids)).order_by(Job.id)).scalars():
        found[job.experiment_id].append(job)
    return found
