"""Retry, resume and extend ended experiments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db import state_changes
from core.db.models import Job, Run
from core.db.queries.experiments import add_jobs, get
from core.db.states import TERMINAL, State
from core.errors import ConflictError
from core.planning import plan_runs
from core.spec import ExperimentSpec, Extension, PlannedRun, extend_spec


def requeue(session: Session, experiment_id: int, state: State) -> list[int]:
    """Queue the jobs in this state (failed or cancelled) again; their ids. They continue from their checkpoints.

    Raises NotFoundError, and ConflictError where there are none.
    """
    jobs = _lock(session, experiment_id)
    chosen = [job for job in jobs if job.state == state]
    if not chosen:
        raise ConflictError(
            f"No job of this experiment is {state}.",
            field="state",
            expected=f"an experiment with jobs that are {state}",
            received=get(session, experiment_id).state,
        )
    for job in chosen:
        state_changes.revive(session, job)
    return [job.id for job in chosen]


def extend(
    session: Session,
    experiment_id: int,
    extension: Extension,
    check: Callable[[ExperimentSpec], None],
    *,
    slots: int,
) -> list[int]:
    """Add strengths, seeds or epochs to an ended experiment; the ids of the queued jobs.

    ``check`` raises where the extended spec is invalid. ``slots``: how many trainers work at once. Existing rows stay.
    Raises NotFoundError, InvalidSpecError, and ConflictError where it has not ended, or its checkpoints are deleted.
    """
    jobs = _lock(session, experiment_id)
    experiment = get(session, experiment_id)
    if any(job.state not in TERMINAL for job in jobs):
        raise ConflictError(
            "This experiment has not ended yet; extend it after its end.",
            field="state",
            expected="an experiment that has ended",
            received=experiment.state,
        )
    before = ExperimentSpec.model_validate(experiment.spec)
    spec = extend_spec(before, extension)
    check(spec)
    experiment.submitted = experiment.submitted or experiment.spec
    experiment.spec = spec.model_dump(mode="json")
    longer = _lengthen(session, jobs, before.epochs, spec.epochs) if spec.epochs > before.epochs else []
    cells = select(Run.regularizer, Run.strength, Run.seed, Run.split).where(Run.experiment_id == experiment_id)
    known = {PlannedRun(*cell) for cell in session.execute(cells)}
    missing = [run for run in plan_runs(spec) if run not in known]
    added = add_jobs(session, experiment_id, spec, missing, slots) if missing else []
    state_changes.refresh_experiment(session, experiment_id)
    return [*longer, *added]


def _lock(session: Session, experiment_id: int) -> Sequence[Job]:
    get(session, experiment_id)
    session.execute(state_changes.select_locked(experiment_id))
    return state_changes.lock_jobs(session, experiment_id)


def _lengthen(session: Session, jobs: Sequence[Job], before: int, epochs: int) -> list[int]:
    """Completed jobs continue from their end; the others get more epochs for a later retry or resume."""
    lengthened = []
    for job in jobs:
        job.epochs = epochs
        if job.state != State.COMPLETED or job.epoch < before or not _count_training(session, job):
            continue
        if not any(checkpoint["epoch"] == job.epoch for checkpoint in job.checkpoints):
            raise ConflictError(
                "The checkpoints of this experiment were deleted, after RIDGELINE_CHECKPOINT_KEEP_HOURS. More epochs "
                "need a new experiment.",
                field="epochs",
                expected="an experiment whose last checkpoints are kept",
                received=epochs,
            )
        state_changes.revive(session, job)
        lengthened.append(job.id)
    return lengthened


def _count_training(session: Session, job: Job) -> int:
    """How many of its runs neither diverged nor stopped."""
    ended = (Run.diverged_epoch.is_not(None), Run.stopped_epoch.is_not(None))
    count = select(func.count()).where(Run.job_id == job.id, ~ended[0], ~ended[1])
    return session.execute(count).scalar_one()
