"""The Celery task; its message is a job id."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from celery import Celery

from core.db.queries import jobs
from core.logs import bound
from core.queue import TASK
from core.settings import Settings
from worker.supervisor.attempt import Attempt
from worker.supervisor.checkpoint_folders import CheckpointFolder
from worker.supervisor.database import Database
from worker.supervisor.interruption import Interruption
from worker.supervisor.lease import InterruptReason, Leases
from worker.supervisor.reconciler import Reconciler
from worker.supervisor.recorder import AbandonedError, Recorder
from worker.trainer.handle import TrainerHandle
from worker.trainer.pool import TrainerPool

logger = logging.getLogger(__name__)


@dataclass
class WorkerContext:
    """The parts of a worker process that a task uses."""

    settings: Settings
    worker_id: str
    stopping: threading.Event
    database: Database
    pool: TrainerPool
    leases: Leases
    reconciler: Reconciler
    checkpoints: CheckpointFolder

    def train(self, job_id: int) -> None:
        """Claim the job and train it; do nothing where another worker holds it, or it is no longer queued."""
        trainer = self.pool.take()
        if trainer is None:
            return
        try:
            claim = self._claim(job_id)
            queued = self._attempt(claim, trainer) if claim is not None else None
        finally:
            self.pool.give_back(trainer)
        if queued is InterruptReason.SLICE:
            # Behind the jobs that wait already.
            self.reconciler.announce_now([job_id])
        elif queued:
            self.reconciler.hurry()

    def _claim(self, job_id: int) -> jobs.Claim | None:
        def leave() -> None:
            if self.stopping.is_set():
                raise AbandonedError

        seconds = self.settings.lease_seconds
        try:
            return self.database.persist(lambda s: jobs.claim(s, job_id, self.worker_id, seconds), leave, self.stopping)
        except AbandonedError:
            return None

    def _attempt(self, claim: jobs.Claim, trainer: TrainerHandle) -> InterruptReason | None:
        ids = {"job": claim.job_id, "experiment": claim.experiment_id, "attempt": claim.attempt}
        with bound(**ids), self.leases.hold(claim) as lease:
            interruption = Interruption(trainer, lease, self.settings.step_seconds)
            recorder = Recorder(self.database, lease, self.stopping, interruption.watch)
            return Attempt(self.settings, trainer, lease, self.checkpoints, interruption, recorder).run()


def add_task(app: Celery, context: WorkerContext) -> None:
    """Register the task with the application."""

    def train(job_id: int) -> None:
        context.train(job_id)

    app.task(name=TASK, ignore_result=True)(train)
