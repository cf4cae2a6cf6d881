"""One attempt at a job: the order, the epochs recorded as they come, and whatever ends it."""

from __future__ import annotations

import itertools
import logging
import time
from dataclasses import dataclass, field

from core.db.rows import EpochValues
from core.db.states import State
from core.errors import LeaseLostError
from core.settings import Settings
from worker.lease import Lease, Reason
from worker.messages import Crashed, End, Failed, Finished, Halted, Order
from worker.recorder import AbandonedError, Recorder
from worker.trainer import Trainer

logger = logging.getLogger(__name__)

# Cancelling takes at most: until the request is seen, this long for the trainer to stop by itself, and a transaction.
STOP_SECONDS = 0.8
numbers = itertools.count(1)


@dataclass
class Attempt:
    """``run`` it once. The trainer is left ready for the next order, or dead."""

    settings: Settings
    trainer: Trainer
    lease: Lease
    recorder: Recorder = field(init=False)
    asked_at: float | None = None

    def run(self) -> bool:
        """Whether the job waits in the queue again."""
        claim = self.lease.claim
        logger.info("job %d: attempt %d at %d runs", claim.job_id, claim.attempt, len(claim.run_ids))
        folder = str(self.settings.data_folder)
        self.trainer.begin(Order(next(numbers), claim.spec, claim.runs, folder, self.settings.download))
        try:
            queued = self._conclude(self._follow())
        except (LeaseLostError, AbandonedError) as error:
            logger.warning("%s", error)
            queued = False
        finally:
            self.trainer.settle(STOP_SECONDS)
        return queued

    def watch(self) -> None:
        """Stop the trainer once the job must not go on here, and kill it where it does not stop."""
        if self.asked_at is None and self.lease.reason:
            logger.info("job %d is stopped: %s", self.lease.claim.job_id, self.lease.reason.value)
            self.asked_at = time.monotonic()
            self.trainer.ask_to_stop()
        elif self.asked_at and time.monotonic() > self.asked_at + STOP_SECONDS:
            self.trainer.kill()

    def _follow(self) -> End:
        while True:
            messages = self.trainer.receive(0.05)
            self.recorder.record([message for message in messages if isinstance(message, EpochValues)])
            if messages and not isinstance(messages[-1], EpochValues):
                return messages[-1]
            self.watch()

    def _conclude(self, end: End) -> bool:
        """Write down how it ended. A trainer that was killed because it would not stop has stopped."""
        job_id = self.lease.claim.job_id
        if isinstance(end, Finished):
            self.recorder.complete(end)
            logger.info("job %d is completed", job_id)
        elif isinstance(end, Failed):
            self.recorder.fail(end.error)
            logger.warning("job %d failed: %s", job_id, end.error)
        elif isinstance(end, Crashed) and self.asked_at is None:
            state = self.recorder.fail_attempt(end.cause, self.settings.max_attempts)
            logger.warning("job %d is %s: %s", job_id, state, end.cause)
            return state == State.QUEUED
        else:
            assert isinstance(end, Halted | Crashed)
            return self._give_up()
        return False

    def _give_up(self) -> bool:
        reason = self.lease.reason
        if reason is Reason.CANCEL:
            self.recorder.cancel()
        elif reason is Reason.SHUTDOWN:
            self.recorder.release()
        return reason is Reason.SHUTDOWN
