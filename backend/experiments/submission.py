"""From a spec to queued jobs, and the plan of a spec."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.schemas.specs import Plan
from backend.state import AppState
from core.catalogue import MAX_WEIGHTS, check_limits, check_spec, count_weights, list_ineffective
from core.catalogue.schemas import Limits
from core.db.queries import experiments, lifecycle
from core.db.queries.runs import list_past
from core.db.states import State
from core.errors import ConflictError
from core.estimate.duration import estimate_seconds
from core.planning import plan_jobs, plan_runs
from core.settings import Settings
from core.spec import ExperimentSpec, Extension


def read_limits(settings: Settings) -> Limits:
    """This installation's limits on one experiment."""
    return Limits(
        epochs=settings.max_epochs,
        strengths=settings.max_strengths,
        seeds=settings.max_seeds,
        runs=settings.max_runs,
        epoch_rows=settings.max_epoch_rows,
        regularizers=settings.max_regularizers,
        weights=MAX_WEIGHTS,
    )


def check_submission(spec: ExperimentSpec, settings: Settings) -> None:
    """Raise InvalidSpecError, naming the field, where this installation does not accept ``spec``."""
    check_limits(spec, read_limits(settings))
    check_spec(spec)


def submit(app_state: AppState, spec: ExperimentSpec, idempotency_key: str | None = None) -> tuple[int, bool]:
    """Write the experiment, commit, announce; its id, and whether it is new.

    Raises InvalidSpecError where the settings or the catalogue do not allow the spec, and ConflictError where the key
    was used for another one.
    """
    check_submission(spec, app_state.settings)
    try:
        experiment_id, job_ids = _write(app_state, spec, idempotency_key)
    except IntegrityError:
        # On PostgreSQL another request with this key may commit between read and write.
        if idempotency_key is None:
            raise
        experiment_id, job_ids = _write(app_state, spec, idempotency_key)
    if job_ids:
        app_state.job_queue.announce(job_ids, app_state.sessions)
    return experiment_id, bool(job_ids)


def requeue(app_state: AppState, experiment_id: int, state: State) -> None:
    """Queue the jobs in this state again, commit, announce. Raises NotFoundError and ConflictError."""
    with app_state.sessions.begin() as session:
        job_ids = lifecycle.requeue(session, experiment_id, state)
    app_state.job_queue.announce(job_ids, app_state.sessions)


def extend(app_state: AppState, experiment_id: int, extension: Extension) -> None:
    """Extend an experiment, commit, announce. Raises NotFoundError, InvalidSpecError and ConflictError."""

    def check(spec: ExperimentSpec) -> None:
        check_submission(spec, app_state.settings)

    with app_state.sessions.begin() as session:
        slots = count_slots(session, app_state)
        job_ids = lifecycle.extend(session, experiment_id, extension, check, slots=slots)
    app_state.job_queue.announce(job_ids, app_state.sessions)


def _write(app_state: AppState, spec: ExperimentSpec, idempotency_key: str | None) -> tuple[int, list[int]]:
    """The experiment's id, and its jobs' ids; no jobs where the key was used before."""
    with app_state.sessions.begin() as session:
        if idempotency_key is not None:
            found = experiments.find_by_key(session, idempotency_key)
            if found is not None:
                _compare(ExperimentSpec.model_validate(found.submitted or found.spec), spec, idempotency_key)
                return found.id, []
        slots = count_slots(session, app_state)
        return experiments.create(session, spec, slots=slots, idempotency_key=idempotency_key)


def _compare(before: ExperimentSpec, now: ExperimentSpec, idempotency_key: str) -> None:
    if before != now:
        raise ConflictError(
            "This Idempotency-Key was used for another experiment.",
            field="Idempotency-Key",
            expected="a new key, or the same spec as before",
            received=idempotency_key,
        )


def count_slots(session: Session, app_state: AppState) -> int:
    """How many jobs to plan: one per trainer of the live workers.

    While no worker is alive, one per trainer that this machine's settings give it.
    """
    settings = app_state.settings
    return (
        settings.planning_slots
        or app_state.worker_liveness.count_trainers(session)
        or settings.trainers
        or settings.cores
    )


def plan(session: Session, app_state: AppState, spec: ExperimentSpec) -> Plan:
    """The runs, jobs and time of ``spec``. Raises InvalidSpecError as submit does."""
    check_submission(spec, app_state.settings)
    runs = plan_runs(spec)
    jobs = len(plan_jobs(runs, count_slots(session, app_state), together=spec.halving is not None))
    seconds = estimate_seconds(spec, jobs, app_state.worker_liveness.count_trainers(session), list_past(session))
    idle = list_ineffective(spec)
    return Plan(runs=len(runs), jobs=jobs, weights=count_weights(spec), seconds=seconds, without_effect=idle)
