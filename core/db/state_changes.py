"""Changes of state of jobs and their runs, and of the experiment with them. For core.db.queries only.

Locks the experiment first and its jobs second, so that two jobs that end together neither deadlock nor leave the
experiment's state outdated.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from core.analysis.outcome import UNSOUND, Outcome, judge_outcome
from core.db.clock import read_clock
from core.db.models import Experiment, Job, Run
from core.db.states import JOB_TRANSITIONS, RUN_TRANSITIONS, State, check_transition, summarize_states
from core.errors import LeaseLostError
from core.spec import BASELINE


def select_locked(experiment_id: int) -> Select[int]:
    # Key share: rows that reference the experiment may still be written.
    return select(Experiment.id).where(Experiment.id == experiment_id).with_for_update(key_share=True)


def lock_jobs(session: Session, experiment_id: int) -> Sequence[Job]:
    jobs = select(Job).where(Job.experiment_id == experiment_id).order_by(Job.id).with_for_update()
    return session.execute(jobs.execution_options(populate_existing=True)).scalars().all()


def lock(session: Session, job_id: int) -> Job | None:
    experiment_id = session.execute(select(Job.experiment_id).where(Job.id == job_id)).scalar_one_or_none()
    if experiment_id is None:
        return None
    session.execute(select_locked(experiment_id))
    job = select(Job).where(Job.id == job_id).with_for_update().execution_options(populate_existing=True)
    return session.execute(job).scalar_one_or_none()


def hold(session: Session, job_id: int, token: str) -> Job:
    job = lock(session, job_id)
    if job is None or job.token != token or job.state != State.RUNNING:
        raise make_lease_lost_error(job_id, token)
    return job


def make_lease_lost_error(job_id: int, token: str) -> LeaseLostError:
    return LeaseLostError(
        f"Job {job_id} is no longer held by this worker.",
        field="token",
        expected="the token of the job's present lease",
        received=token,
    )


def move(session: Session, job: Job, state: State) -> None:
    check_transition("job", JOB_TRANSITIONS, State(job.state), state)
    job.state = state
    session.flush()
    refresh_experiment(session, job.experiment_id)


def move_runs(session: Session, job_id: int, old: Iterable[State], new: State) -> None:
    for state in old:
        check_transition("run", RUN_TRANSITIONS, state, new)
        session.execute(
            update(Run)
            .where(Run.job_id == job_id, Run.state == state)
            .values(state=new)
            .execution_options(synchronize_session=False)
        )


def end(session: Session, job: Job, state: State) -> None:
    move(session, job, state)
    job.token, job.lease_expires, job.finished = None, None, read_clock(session)
    session.flush()


def end_failed(session: Session, job: Job, error: str) -> None:
    end(session, job, State.FAILED)
    job.error = error
    session.flush()
    move_runs(session, job.id, [State.RUNNING], State.FAILED)


def end_cancelled(session: Session, job: Job) -> None:
    end(session, job, State.CANCELLED)
    job.cancel_requested = True
    session.flush()
    move_runs(session, job.id, [State.QUEUED, State.RUNNING], State.CANCELLED)


def requeue(session: Session, job: Job) -> None:
    move(session, job, State.QUEUED)
    job.token, job.lease_expires, job.worker_id, job.rung = None, None, None, None
    session.flush()
    move_runs(session, job.id, [State.RUNNING], State.QUEUED)


def lose(session: Session, job: Job, error: str, max_attempts: int) -> State:
    if job.cancel_requested:
        end_cancelled(session, job)
        return State.CANCELLED
    # Progress beyond the earlier failures starts the count anew.
    got_further = job.failed_epoch is None or job.epoch > job.failed_epoch
    job.failures = 1 if got_further else job.failures + 1
    job.failed_epoch = max(job.epoch, job.failed_epoch or 0)
    if job.failures >= max_attempts:
        end_failed(session, job, error)
        return State.FAILED
    requeue(session, job)
    job.error = error
    session.flush()
    return State.QUEUED


def revive(session: Session, job: Job) -> None:
    """Queue an ended job again, its failures forgotten; recorded rows stay."""
    runs = [state for state in (State.COMPLETED, State.FAILED, State.CANCELLED) if state == job.state]
    move(session, job, State.QUEUED)
    job.failures, job.failed_epoch, job.error, job.notice = 0, None, None, None
    job.cancel_requested, job.started, job.finished, job.rung = False, None, None, None
    job.token, job.lease_expires, job.worker_id = None, None, None
    session.flush()
    move_runs(session, job.id, runs, State.QUEUED)


def refresh_experiment(session: Session, experiment_id: int) -> None:
    """Update an experiment's state from its jobs, and once they are completed from its runs."""
    states = [
        State(state) for state in session.execute(select(Job.state).where(Job.experiment_id == experiment_id)).scalars()
    ]
    is_sound = set(states) != {State.COMPLETED} or _read_outcome(session, experiment_id) not in UNSOUND
    session.execute(
        update(Experiment)
        .where(Experiment.id == experiment_id)
        .values(state=summarize_states(states, is_sound=is_sound))
    )


def _read_outcome(session: Session, experiment_id: int) -> Outcome:
    diverged = Run.diverged_epoch.is_not(None)
    counts = select(
        func.count(),
        func.count().filter(diverged),
        func.count().filter(diverged & (Run.regularizer == BASELINE)),
    ).where(Run.experiment_id == experiment_id)
    runs, diverged_runs, baseline = session.execute(counts).one()
    return judge_outcome(runs, diverged_runs, baseline)
