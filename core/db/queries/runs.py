"""Queries about runs: whole for one experiment, in brief for many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db.models import Experiment, Job, Run
from core.db.states import State
from core.errors import NotFoundError
from core.estimate.duration import PastJob
from core.spec import ExperimentSpec

# Changes whenever an experiment or its jobs change; for comparison only.
Fingerprint = tuple[tuple[Any, ...], ...]
# The index of a job's epoch, the only part that changes with progress.
EPOCH_POSITION = 3
_SCORES = ("validation_score", "validation_loss")
_OTHERS = ("seconds", "change")
_PROOFS = ("gap", "residual")


@dataclass(frozen=True)
class RunBrief:
    """The part of a run that summaries need, so that listing experiments is cheap.

    ``last``: validation_score and validation_loss of the newest row, ``best`` those of the best; ``seconds``: training
    time at the newest row; ``change``: with a tolerance, how much its epoch moved a parameter, relative to the largest.
    ``gap`` and ``residual``: see OptimumValues.
    """

    id: int
    experiment_id: int
    job_id: int
    regularizer: str
    strength: float
    seed: int
    split: int
    state: str
    diverged_epoch: int | None
    stopped_epoch: int | None
    stopped_by: str | None
    last: dict[str, float | None]
    best: dict[str, float | None]
    seconds: float | None
    change: float | None = None
    gap: float | None = None
    residual: float | None = None

    @property
    def ended_epoch(self) -> int | None:
        """Its last epoch, if it ended before its job."""
        return self.stopped_epoch if self.diverged_epoch is None else self.diverged_epoch


def list_runs(session: Session, experiment_id: int) -> Sequence[Run]:
    """All runs of an experiment, job by job."""
    return session.execute(select(Run).where(Run.experiment_id == experiment_id).order_by(Run.id)).scalars().all()


@dataclass(frozen=True)
class ChartRun:
    """The part of a run that charts need besides its epochs."""

    id: int
    job_id: int
    regularizer: str
    strength: float
    seed: int
    diverged_epoch: int | None
    stopped_epoch: int | None
    stopped_by: str | None
    split: int = 0


def list_chart_runs(session: Session, experiment_id: int) -> list[ChartRun]:
    """All runs of an experiment, job by job, without summaries: fast to read during training."""
    columns = (
        *(Run.id, Run.job_id, Run.regularizer, Run.strength, Run.seed),
        *(Run.diverged_epoch, Run.stopped_epoch, Run.stopped_by, Run.split),
    )
    wanted = select(*columns).where(Run.experiment_id == experiment_id).order_by(Run.id)
    return [ChartRun(*row) for row in session.execute(wanted)]


def get(session: Session, run_id: int) -> Run:
    """Raises NotFoundError."""
    run = session.get(Run, run_id)
    if run is None:
        raise NotFoundError("run", run_id)
    return run


def get_runs(session: Session, run_ids: Sequence[int]) -> Sequence[Run]:
    """The runs with these ids, by id."""
    return session.execute(select(Run).where(Run.id.in_(run_ids)).order_by(Run.id)).scalars().all()


def get_run(session: Session, experiment_id: int, run_id: int) -> Run:
    """Raises NotFoundError, also for another experiment's run."""
    run = session.get(Run, run_id)
    if run is None or run.experiment_id != experiment_id:
        raise NotFoundError("run", run_id)
    return run


def list_briefs(session: Session, experiment_ids: Iterable[int]) -> dict[int, list[RunBrief]]:
    """By experiment: its runs in brief, in one query."""
    columns = (
        *(Run.id, Run.experiment_id, Run.job_id, Run.regularizer, Run.strength, Run.seed, Run.split, Run.state),
        *(Run.diverged_epoch, Run.stopped_epoch, Run.stopped_by),
    )
    names = [str(column.key) for column in columns]
    numbers = [_number(row, name) for row in (Run.last, Run.best) for name in _SCORES]
    ids = list(experiment_ids)
    found: dict[int, list[RunBrief]] = {experiment_id: [] for experiment_id in ids}
    more = [_number(Run.last, name) for name in _OTHERS] + [_number(Run.test, name) for name in _PROOFS]
    chosen = select(*columns, *numbers, *more).where(Run.experiment_id.in_(ids))
    for row in session.execute(chosen.order_by(Run.id)):
        last, best = (dict[str, Any](zip(_SCORES, scores, strict=True)) for scores in (row[-8:-6], row[-6:-4]))
        others = dict(zip((*_OTHERS, *_PROOFS), row[-4:], strict=True))
        own: dict[str, Any] = dict(zip(names, row, strict=False)) | others
        brief = RunBrief(**own, last=last, best=best)
        found[brief.experiment_id].append(brief)
    return found


def _number(row: Any, metric: str) -> Any:
    return row[metric].as_float()


def list_jobs(session: Session, experiment_ids: Iterable[int]) -> dict[int, list[Job]]:
    """By experiment: its jobs, in one query."""
    ids = list(experiment_ids)
    found: dict[int, list[Job]] = {experiment_id: [] for experiment_id in ids}
    for job in session.execute(select(Job).where(Job.experiment_id.in_(ids)).order_by(Job.id)).scalars():
        found[job.experiment_id].append(job)
    return found


def read_fingerprints(session: Session, experiment_ids: Iterable[int]) -> dict[int, Fingerprint]:
    """Fingerprints by experiment, in one query on indexes; empty for a deleted experiment."""
    ids = list(experiment_ids)
    found: dict[int, list[tuple[Any, ...]]] = {experiment_id: [] for experiment_id in ids}
    columns = (Job.id, Job.state, Job.attempt, Job.epoch, Job.cancel_requested, Job.notice, Experiment.version)
    wanted = select(Job.experiment_id, *columns).join(Experiment, Experiment.id == Job.experiment_id)
    rows = session.execute(wanted.where(Job.experiment_id.in_(ids)).order_by(Job.id))
    for experiment_id, *mark in rows:
        found[experiment_id].append(tuple(mark))
    return {experiment_id: tuple(marks) for experiment_id, marks in found.items()}


def is_noticed(session: Session, notice: str) -> bool:
    """Whether a running job has this notice."""
    found = select(Job.id).where(Job.state == State.RUNNING, Job.notice == notice).limit(1)
    return session.execute(found).scalar_one_or_none() is not None


def list_past(session: Session, limit: int = 20) -> list[PastJob]:
    """The latest ended jobs with at least one epoch, for estimates."""
    seconds = func.max(_number(Run.last, "seconds"))
    done = func.sum(func.coalesce(Run.diverged_epoch, Run.stopped_epoch, Job.epoch))
    ended = (
        select(Experiment.spec, done, seconds, func.count(Run.id))
        .join(Job, Job.experiment_id == Experiment.id)
        .join(Run, Run.job_id == Job.id)
        .where(Job.finished.is_not(None), Job.epoch > 0)
        .group_by(Job.id, Experiment.id)
        .order_by(Job.finished.desc())
        .limit(limit)
    )
    return [
        PastJob(ExperimentSpec.model_validate(spec), done, took, runs)
        for spec, done, took, runs in session.execute(ended)
        if took
    ]
