"""Records a training's messages in the database: short transactions under the lease's token."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

from sqlalchemy.orm import Session

from core.catalogue.epoch_values import EpochValues
from core.db.disk_space import FULL
from core.db.queries import epochs, jobs
from core.db.states import State
from core.errors import LeaseLostError
from core.spec import ExperimentSpec
from core.spec.stopping import find_patience
from worker.supervisor.counters import counters
from worker.supervisor.database import AWAY, Database
from worker.supervisor.lease import InterruptReason, Lease
from worker.trainer.messages import Finished, Saved

T = TypeVar("T")
ROWS_PER_TRANSACTION = 4_000
# How long a worker that is stopped waits for a database that is away; then the lease runs out by itself.
FAREWELL_SECONDS = 3.0


class AbandonedError(RuntimeError):
    """The worker stops while the database is away: epochs not yet written are trained again elsewhere."""


class Recorder:
    """Writes for one lease. Every method raises LeaseLostError, after which nothing can be written any more."""

    def __init__(self, database: Database, lease: Lease, stopping: threading.Event, watch: Callable[[], None]) -> None:
        self._database = database
        self._lease = lease
        self._stopping = stopping
        self._watch = watch
        self._leave_at: float | None = None
        self._notice: str | None = None
        self._is_full = False

    @cached_property
    def _by_loss(self) -> list[int]:
        """Runs under early stopping: their best epoch is that of the lowest loss."""
        spec = ExperimentSpec.model_validate(self._lease.claim.spec)
        return [index for index, run in enumerate(self._lease.claim.runs) if find_patience(spec, run) is not None]

    def begin(self, epoch: int, layers: Sequence[str] = ()) -> None:
        """The training goes on after ``epoch``; rows of later epochs are deleted. ``layers``: of its network."""
        self._persist(lambda s: self._begin(s, epoch, layers))

    def _begin(self, session: Session, epoch: int, layers: Sequence[str]) -> None:
        claim = self._lease.claim
        jobs.keep_layers(session, claim.job_id, claim.token, layers)
        if epoch != claim.epoch:
            jobs.rewind(session, claim.job_id, claim.token, epoch, claim.run_ids, self._by_loss)

    def keep_checkpoint(self, saved: Saved) -> list[str]:
        """Record the checkpoint; the names of the files that the job no longer needs."""
        claim = self._lease.claim
        name, epoch, size = saved.name, saved.epoch, saved.size
        names = self._persist(lambda s: jobs.keep_checkpoint(s, claim.job_id, claim.token, name, epoch, size))
        self._lease.can_save, self._notice = True, None
        return names

    def notice(self, text: str) -> None:
        """Show a problem of a job that trains nevertheless; once."""
        claim = self._lease.claim
        self._lease.can_save = False
        if text != self._notice:
            self._persist(lambda s: jobs.set_notice(s, claim.job_id, claim.token, text))
        self._notice = text

    def record(self, values: Sequence[EpochValues]) -> None:
        """Epochs that came together go into one transaction, unless it would be a long one."""
        step = max(1, ROWS_PER_TRANSACTION // len(self._lease.claim.run_ids))
        for start in range(0, len(values), step):
            self._record(values[start : start + step])

    def _record(self, values: Sequence[EpochValues]) -> None:
        claim = self._lease.claim
        runs = claim.run_ids, values, self._by_loss
        # Rows that a power cut undoes are trained again: a checkpoint is recorded after all of its epochs.
        rows = self._persist(lambda s: epochs.record(s, claim.job_id, claim.token, *runs), hasty=True)
        counters.add("epoch_rows", rows)

    def complete(self, end: Finished) -> None:
        claim = self._lease.claim
        results = end.test_loss, end.test_score, end.coefficients, end.outcomes, end.optimum, end.weights
        self._persist(lambda s: jobs.complete(s, claim.job_id, claim.token, claim.run_ids, *results))

    def fail(self, error: str) -> None:
        self._persist(lambda s: jobs.fail(s, self._lease.claim.job_id, self._lease.claim.token, error))

    def fail_attempt(self, error: str, max_attempts: int) -> State:
        claim = self._lease.claim
        return self._persist(lambda s: jobs.fail_attempt(s, claim.job_id, claim.token, error, max_attempts))

    def cancel(self) -> None:
        self._persist(lambda s: jobs.mark_cancelled(s, self._lease.claim.job_id, self._lease.claim.token))

    def release(self) -> None:
        self._persist(lambda s: jobs.release(s, self._lease.claim.job_id, self._lease.claim.token))

    def _persist(self, work: Callable[[Session], T], *, hasty: bool = False) -> T:
        done = self._database.persist(work, self._meanwhile, self._stopping, hasty=hasty, say_full=self._say_full)
        if self._is_full:
            self._is_full = False
            self._write_notice(None)
        return done

    def _say_full(self) -> None:
        """Try to, on the full disk: PostgreSQL overwrites a row in its place, SQLite's log has gaps."""
        if not self._is_full:
            self._is_full = self._write_notice(FULL)

    def _write_notice(self, text: str | None) -> bool:
        """Whether it could be written; tried once."""
        claim = self._lease.claim
        # An earlier notice is shown again if it still holds.
        self._notice = None
        with contextlib.suppress(*AWAY, LeaseLostError):
            self._database.write(lambda s: jobs.set_notice(s, claim.job_id, claim.token, text))
            return True
        return False

    def _meanwhile(self) -> None:
        self._watch()
        if self._lease.reason is InterruptReason.LOST:
            raise LeaseLostError(f"Job {self._lease.claim.job_id} is no longer held by this worker.")
        if self._stopping.is_set():
            self._leave_at = self._leave_at or time.monotonic() + FAREWELL_SECONDS
            time.sleep(0.1)
            if time.monotonic() > self._leave_at:
                raise AbandonedError(f"job {self._lease.claim.job_id} is left to run out of its lease")
