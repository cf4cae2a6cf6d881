"""After a restore: no worker holds the jobs that the backup shows as running."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.db import state_changes
from core.db.models import Job
from core.db.states import State


def requeue_running_jobs(session: Session) -> None:
    """Queue running jobs, to continue from their checkpoints, and have all queued jobs announced again.

    This counts as no failed attempt. Jobs with a requested cancellation are cancelled. Does not commit.
    """
    running = select(Job.id).where(Job.state == State.RUNNING).order_by(Job.experiment_id, Job.id)
    for job_id in session.execute(running).scalars().all():
        job = state_changes.lock(session, job_id)
        assert job is not None, "the transaction holds every row"
        if job.cancel_requested:
            state_changes.end_cancelled(session, job)
        else:
            state_changes.requeue(session, job)
    queued = update(Job).where(Job.state == State.QUEUED).values(rung=None)
    session.execute(queued.execution_options(synchronize_session=False))
