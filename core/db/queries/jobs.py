"""Jobs: claimed, leased, ended. None of these functions commits."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from core.catalogue.epoch_values import CoefficientValues, OptimumValues, OutcomeValues
from core.db import state_changes
from core.db.clock import is_far, read_clock
from core.db.models import Experiment, Job, Run, Worker
from core.db.queries import coefficients as kept_coefficients
from core.db.queries import outcomes as kept_outcomes
from core.db.queries.rewind import forget_after
from core.db.states import State
from core.errors import NotFoundError
from core.spec import PlannedRun

KEPT_CHECKPOINTS = 2
# A lease's token and when it would end: together they change with each claim and with each renewal.
LeaseMark = tuple[str | None, datetime | None]


@dataclass(frozen=True)
class Claim:
    """A job that this worker now holds. ``runs`` and ``run_ids`` are in the same order.

    ``epoch``: the last one recorded; ``checkpoints``: names of the files it may go on from, the newest first.
    """

    job_id: int
    experiment_id: int
    token: str
    attempt: int
    spec: dict[str, Any]
    run_ids: list[int]
    runs: list[PlannedRun]
    epoch: int
    checkpoints: list[str]


def claim(session: Session, job_id: int, worker_id: str, lease_seconds: float) -> Claim | None:
    """Take the lease of a queued job under a fresh token; None where there is no such job or it is not queued.

    What earlier attempts have recorded stays until it is known where this one begins: see ``rewind``.
    """
    job = state_changes.lock(session, job_id)
    if job is None or job.state != State.QUEUED:
        return None
    clock = read_clock(session)
    state_changes.move(session, job, State.RUNNING)
    state_changes.move_runs(session, job_id, [State.QUEUED], State.RUNNING)
    job.token, job.worker_id = str(uuid.uuid4()), worker_id
    job.lease_expires = clock + timedelta(seconds=lease_seconds)
    job.started, job.finished, job.error = job.started or clock, None, None
    job.attempt += 1
    rows = session.execute(
        select(Run.id, Run.regularizer, Run.strength, Run.seed, Run.split).where(Run.job_id == job_id).order_by(Run.id)
    ).all()
    spec = session.execute(select(Experiment.spec).where(Experiment.id == job.experiment_id)).scalar_one()
    session.flush()
    runs = [PlannedRun(row.regularizer, row.strength, row.seed, row.split) for row in rows]
    names = [checkpoint["name"] for checkpoint in job.checkpoints]
    run_ids = [row.id for row in rows]
    return Claim(job_id, job.experiment_id, job.token, job.attempt, spec, run_ids, runs, job.epoch, names)


def heartbeat(session: Session, job_id: int, token: str, lease_seconds: float) -> bool:
    """Renew a lease; whether its cancellation is asked for. Raises LeaseLostError where the token no longer holds."""
    renewed = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.token == token, Job.state == State.RUNNING)
        .values(lease_expires=read_clock(session) + timedelta(seconds=lease_seconds))
        .returning(Job.cancel_requested)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if renewed is None:
        raise state_changes.make_lease_lost_error(job_id, token)
    return renewed


def read_requests(session: Session, tokens: dict[int, str]) -> dict[int, bool]:
    """By job: whether its cancellation is asked for. Jobs that ``tokens`` no longer hold are left out."""
    rows = session.execute(
        select(Job.id, Job.token, Job.cancel_requested).where(Job.id.in_(tokens), Job.state == State.RUNNING)
    )
    return {row.id: row.cancel_requested for row in rows if tokens[row.id] == row.token}


def rewind(
    session: Session, job_id: int, token: str, epoch: int, run_ids: Sequence[int], by_loss: Collection[int] = ()
) -> None:
    """The attempt begins after ``epoch``: what was recorded of later ones is deleted, and trained again.

    ``run_ids`` and ``by_loss``: as of ``core.db.queries.epochs.record``. Raises LeaseLostError.
    """
    job = state_changes.hold(session, job_id, token)
    if epoch >= job.epoch:
        return
    job.rewinds = [*job.rewinds, [job.attempt, epoch]]
    job.epoch = epoch
    session.flush()
    forget_after(session, epoch, run_ids, by_loss)


def keep_layers(session: Session, job_id: int, token: str, layers: Sequence[str]) -> None:
    """The names of its network's weight tensors, whose values its epochs have. Raises LeaseLostError."""
    state_changes.hold(session, job_id, token).layers = list(layers)


def keep_checkpoint(session: Session, job_id: int, token: str, name: str, epoch: int, size: int) -> list[str]:
    """From now on the job may go on from this file too, of ``size`` bytes; the names of those it no longer needs.

    Two are kept: should the disk have spoilt the newest, there is one more. Raises LeaseLostError.
    """
    job = state_changes.hold(session, job_id, token)
    others = [checkpoint for checkpoint in job.checkpoints if checkpoint["name"] != name]
    job.checkpoints = [{"name": name, "epoch": epoch, "bytes": size}, *others[: KEPT_CHECKPOINTS - 1]]
    job.notice = None
    return [checkpoint["name"] for checkpoint in others[KEPT_CHECKPOINTS - 1 :]]


def set_notice(session: Session, job_id: int, token: str, notice: str | None) -> None:
    """Say what is wrong although it trains. Raises LeaseLostError."""
    state_changes.hold(session, job_id, token).notice = notice


def complete(
    session: Session,
    job_id: int,
    token: str,
    run_ids: Sequence[int],
    test_loss: NDArray[np.float64],
    test_score: NDArray[np.float64],
    coefficients: CoefficientValues | None = None,
    outcomes: OutcomeValues | None = None,
    optimum: OptimumValues | None = None,
    weights: Sequence[str | None] = (),
) -> None:
    """Its training came to the end. ``test_loss`` and ``test_score``: (M,), in the order of ``run_ids``.

    ``weights``: likewise the names of their files; empty where they are not kept.
    """
    job = state_changes.hold(session, job_id, token)
    state_changes.end(session, job, State.COMPLETED)
    job.notice = None
    state_changes.move_runs(session, job_id, [State.RUNNING], State.COMPLETED)
    columns = {"test_loss": test_loss, "test_score": test_score}
    if optimum is not None:
        known = {"gap": optimum.gaps, "residual": optimum.residuals, "largest_strength": optimum.largest}
        columns |= {name: column for name, column in known.items() if np.isfinite(column).any()}
    tests = [
        {
            "id": run_id,
            "test": {name: _finite(float(column[row])) for name, column in columns.items()},
            "weights": weights[row] if weights else None,
        }
        for row, run_id in enumerate(run_ids)
    ]
    session.execute(update(Run), tests)
    if coefficients is not None:
        kept_coefficients.record(session, run_ids, coefficients)
    if outcomes is not None:
        kept_outcomes.record(session, run_ids, outcomes)


def fail(session: Session, job_id: int, token: str, error: str) -> None:
    """Its training failed, and would fail again."""
    job = state_changes.hold(session, job_id, token)
    state_changes.end_failed(session, job, error)


def fail_attempt(session: Session, job_id: int, token: str, error: str, max_attempts: int) -> State:
    """Its trainer is gone: queued again, or failed once ``max_attempts`` attempts ended so. The state that it has now.

    A job whose cancellation is asked for is cancelled instead.
    """
    return state_changes.lose(session, state_changes.hold(session, job_id, token), error, max_attempts)


def is_waited_for(session: Session, seconds: float) -> bool:
    """Whether a job has been in the queue for so long, so that those that train may have to make room."""
    since = func.coalesce(Job.rung, Job.created)
    waiting = select(Job.id).where(Job.state == State.QUEUED, is_far(since, read_clock(session), seconds)).limit(1)
    return session.execute(waiting).scalar_one_or_none() is not None


def release(session: Session, job_id: int, token: str) -> None:
    """Give the lease back, for another worker to take; this is no failure of the job."""
    job = state_changes.hold(session, job_id, token)
    if job.cancel_requested:
        state_changes.end_cancelled(session, job)
    else:
        state_changes.requeue(session, job)


def mark_cancelled(session: Session, job_id: int, token: str) -> None:
    """Its training was stopped because a user asked for it; the rows stay."""
    state_changes.end_cancelled(session, state_changes.hold(session, job_id, token))


def request_cancel(session: Session, experiment_id: int) -> int:
    """Cancel queued jobs at once, and ask the workers of running ones to; how many jobs that were.

    Raises NotFoundError. An experiment that has ended stays as it is: 0.
    """
    if session.execute(state_changes.select_locked(experiment_id)).scalar_one_or_none() is None:
        raise NotFoundError("experiment", experiment_id)
    jobs = state_changes.lock_jobs(session, experiment_id)
    for job in jobs:
        if job.state == State.QUEUED:
            state_changes.end_cancelled(session, job)
        elif job.state == State.RUNNING:
            job.cancel_requested = True
    session.flush()
    return sum(1 for job in jobs if job.cancel_requested and job.state in (State.RUNNING, State.CANCELLED))


def read_leases(session: Session) -> dict[int, LeaseMark]:
    """By running job: what each renewal of its lease changes."""
    rows = session.execute(select(Job.id, Job.token, Job.lease_expires).where(Job.state == State.RUNNING))
    return {row.id: (row.token, row.lease_expires) for row in rows}


def take_back(session: Session, silent: Mapping[int, LeaseMark], max_attempts: int) -> list[int]:
    """Take back jobs whose holder is silent; the ids of those that are queued again.

    ``silent``: by job the mark that has not changed for the time of a lease; where it has changed by now, its holder
    lives. One whose cancellation is asked for is cancelled; one that lost ``max_attempts`` attempts is failed with its
    cause.
    """
    queued = []
    for job in _lock_silent(session, silent):
        worker = session.get(Worker, job.worker_id) if job.worker_id else None
        place = f"The worker on {worker.host}" if worker else "The worker"
        error = f"{place} stopped answering in attempt {job.attempt}, at epoch {job.epoch} of {job.epochs}."
        if state_changes.lose(session, job, error, max_attempts) == State.QUEUED:
            queued.append(job.id)
    return queued


def list_to_cancel(session: Session, job_ids: Iterable[int]) -> list[int]:
    """Those of the jobs that run although their cancellation is asked for."""
    asked = select(Job.id).where(Job.id.in_(list(job_ids)), Job.state == State.RUNNING, Job.cancel_requested)
    return list(session.execute(asked.order_by(Job.id)).scalars())


def cancel_silent(session: Session, silent: Mapping[int, LeaseMark]) -> list[int]:
    """Cancel those for which it is asked and whose holder, silent as of ``take_back``, will not; their ids."""
    asked = list_to_cancel(session, silent)
    ended = _lock_silent(session, {job_id: silent[job_id] for job_id in asked})
    for job in ended:
        state_changes.end_cancelled(session, job)
    return [job.id for job in ended]


def _lock_silent(session: Session, silent: Mapping[int, LeaseMark]) -> list[Job]:
    """Those that are still held under the same mark, locked in the order that every writer keeps."""
    if not silent:
        return []
    ordered = select(Job.id).where(Job.id.in_(silent), Job.state == State.RUNNING)
    job_ids = session.execute(ordered.order_by(Job.experiment_id, Job.id)).scalars().all()
    locked = [job for job_id in job_ids if (job := state_changes.lock(session, job_id)) is not None]
    return [job for job in locked if job.state == State.RUNNING and (job.token, job.lease_expires) == silent[job.id]]


def list_unannounced(session: Session, ring_after_seconds: float, limit: int = 100) -> list[int]:
    """Queued jobs whose message must be taken for lost, the oldest first: nobody claimed them for so long.

    A job that was handed back and not announced since needs no waiting.
    """
    late = is_far(func.coalesce(Job.rung, Job.created), read_clock(session), ring_after_seconds)
    handed_back = Job.rung.is_(None) & (Job.attempt > 0)
    waiting = (
        select(Job.id)
        .where(Job.state == State.QUEUED, or_(late, handed_back))
        .order_by(Job.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(session.execute(waiting).scalars())


def mark_announced(session: Session, job_ids: Iterable[int]) -> None:
    """Their messages are being sent now."""
    session.execute(
        update(Job)
        .where(Job.id.in_(list(job_ids)))
        .values(rung=read_clock(session))
        .execution_options(synchronize_session=False)
    )


def count_by_state(session: Session) -> dict[State, int]:
    """How many jobs are in each state; states without any are left out."""
    rows = session.execute(select(Job.state, func.count()).group_by(Job.state))
    return {State(state): count for state, count in rows}


def list_held(session: Session) -> dict[str, list[int]]:
    """By worker id: the jobs that it is running."""
    held: dict[str, list[int]] = {}
    rows = session.execute(
        select(Job.worker_id, Job.id).where(Job.state == State.RUNNING, Job.worker_id.is_not(None)).order_by(Job.id)
    )
    for worker_id, job_id in rows:
        held.setdefault(worker_id or "", []).append(job_id)
    return held


def lock_experiment(session: Session, experiment_id: int) -> bool:
    """Lock an experiment and its jobs in the order that every writer keeps, before deleting it; whether it exists."""
    found = session.execute(state_changes.select_locked(experiment_id)).scalar_one_or_none() is not None
    state_changes.lock_jobs(session, experiment_id)
    return found


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
