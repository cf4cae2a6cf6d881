"""Interrupts a training: a request to leave, a request to stop at once, and then the end of the process."""

from __future__ import annotations

import logging
import math
import time

from worker.supervisor.lease import InterruptReason, Lease
from worker.trainer.handle import TrainerHandle

logger = logging.getLogger(__name__)

# A cancelled job ends within: the time until the request is seen, this time for the trainer to stop, a transaction.
STOP_SECONDS = 0.8
# A worker that is stopped gives the trainer this long to end its epoch and save it. Longer epochs are each saved, so
# that nothing is lost by not waiting for one.
LEAVE_SECONDS = 7.0


class Interruption:
    """``asked``: the reason for which the trainer was asked to stop; None while it may go on."""

    def __init__(self, trainer: TrainerHandle, lease: Lease, step_seconds: float) -> None:
        self.asked: InterruptReason | None = None
        self._trainer, self._lease, self._step_seconds = trainer, lease, step_seconds
        # When the trainer is asked to stop at once, and when it is killed.
        self._firmer_at = self._forced_at = math.inf

    def watch(self) -> None:
        """Stop the trainer when the job must not go on here; kill it if it does not stop, or hangs."""
        now, reason = time.monotonic(), self._lease.reason
        if reason and reason is not self.asked:
            self._ask(reason)
        elif now > self._forced_at:
            self._trainer.kill()
        elif now > self._firmer_at:
            self._insist()
        elif self._trainer.silence > self._step_seconds:
            self._trainer.kill(f"The trainer process took no step for {self._step_seconds:g} s and was killed.")

    def _ask(self, reason: InterruptReason) -> None:
        logger.info("job %d is stopped: %s", self._lease.claim.job_id, reason.value)
        self.asked, self._firmer_at = reason, math.inf
        if reason in (InterruptReason.SHUTDOWN, InterruptReason.SLICE):
            self._trainer.ask_to_stop(at_once=False)
            # A job that only makes room may take the time to end its epoch.
            self._firmer_at = time.monotonic() + LEAVE_SECONDS if reason is InterruptReason.SHUTDOWN else math.inf
        else:
            self._insist()

    def _insist(self) -> None:
        self._firmer_at, self._forced_at = math.inf, time.monotonic() + STOP_SECONDS
        self._trainer.ask_to_stop()
