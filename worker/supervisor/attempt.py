"""One attempt at a job: the request to the trainer, the epochs as they are recorded, and the end."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from core.catalogue.epoch_values import EpochValues
from core.db.states import State
from core.errors import LeaseLostError
from core.settings import Settings
from worker.supervisor.checkpoint_folders import CheckpointFolder
from worker.supervisor.counters import counters
from worker.supervisor.interruption import STOP_SECONDS, Interruption
from worker.supervisor.lease import InterruptReason, Lease
from worker.supervisor.recorder import AbandonedError, Recorder
from worker.trainer.handle import TrainerHandle
from worker.trainer.messages import (
    Crashed,
    End,
    Failed,
    Finished,
    Interrupted,
    Message,
    Saved,
    Started,
    TrainRequest,
    Unsaved,
)

logger = logging.getLogger(__name__)

# Share of the lease's time without a sign of life from the supervisor after which a trainer waits.
PATIENCE = 1 / 4
numbers = itertools.count(1)


@dataclass
class Attempt:
    """``run`` it once. Afterwards the trainer is ready for the next request, or dead."""

    settings: Settings
    trainer: TrainerHandle
    lease: Lease
    checkpoints: CheckpointFolder
    interruption: Interruption
    recorder: Recorder

    def run(self) -> InterruptReason | None:
        """Why the job is in the queue again; None where it is not."""
        claim = self.lease.claim
        logger.info("job %d: attempt %d at %d runs", claim.job_id, claim.attempt, len(claim.run_ids))
        self.trainer.begin(self._make_request())
        try:
            queued = self._conclude(self._follow())
        except (LeaseLostError, AbandonedError) as error:
            logger.warning("%s", error)
            if isinstance(error, LeaseLostError):
                counters.add("lease_losses")
            queued = None
        finally:
            self.trainer.settle(STOP_SECONDS)
        return queued

    def _make_request(self) -> TrainRequest:
        claim, settings = self.lease.claim, self.settings
        return TrainRequest(
            number=next(numbers),
            spec=claim.spec,
            runs=claim.runs,
            data_folder=str(settings.data_folder),
            download=settings.download,
            checkpoints=str(self.checkpoints.find(claim.job_id)),
            names=claim.checkpoints,
            mark=claim.token[:8],
            checkpoint_seconds=settings.checkpoint_seconds,
            keeps_last=settings.checkpoint_keep_hours > 0,
            keeps_weights=settings.keep_weights,
            patience=settings.lease_seconds * PATIENCE,
        )

    def _follow(self) -> End:
        while True:
            for message in self._join(self.trainer.receive(0.05)):
                if isinstance(message, Finished | Interrupted | Failed | Crashed):
                    return message
                self._note(message)
            self.interruption.watch()

    def _join(self, messages: list[Message]) -> Iterator[list[EpochValues] | Started | Saved | Unsaved | End]:
        """Epochs that came together are recorded together."""
        for is_epoch, group in itertools.groupby(messages, lambda message: isinstance(message, EpochValues)):
            if is_epoch:
                yield [message for message in group if isinstance(message, EpochValues)]
            else:
                yield from (message for message in group if not isinstance(message, EpochValues))

    def _note(self, message: list[EpochValues] | Started | Saved | Unsaved) -> None:
        job_id = self.lease.claim.job_id
        match message:
            case list():
                self.recorder.record(message)
            case Started():
                if message.epoch:
                    logger.info("job %d goes on after epoch %d", job_id, message.epoch)
                self.recorder.begin(message.epoch, message.layers)
            case Saved():
                self.checkpoints.delete(job_id, self.recorder.keep_checkpoint(message))
            case Unsaved():
                logger.warning("job %d: its checkpoint cannot be written: %s", job_id, message.error)
                self.recorder.notice(
                    f"Its checkpoint cannot be written: {message.error}. The training goes on and tries again; "
                    "should it be interrupted, it goes on from an earlier checkpoint or begins anew."
                )

    def _conclude(self, end: End) -> InterruptReason | None:
        """Record the end. A trainer that was killed because it would not stop counts as stopped."""
        job_id = self.lease.claim.job_id
        if isinstance(end, Finished):
            self.recorder.complete(end)
            logger.info("job %d is completed", job_id)
        elif isinstance(end, Failed) and not end.spent:
            self.recorder.fail(end.error)
            logger.warning("job %d failed: %s", job_id, end.error)
        elif isinstance(end, Failed):
            return self._fail_attempt(end.error + self.trainer.output.quote())
        elif isinstance(end, Crashed) and self.interruption.asked in (None, InterruptReason.SLICE):
            return self._fail_attempt(end.cause)
        else:
            return self._give_up()
        return None

    def _fail_attempt(self, cause: str) -> InterruptReason | None:
        state = self.recorder.fail_attempt(cause, self.settings.max_attempts)
        counters.add("attempt_failures")
        logger.warning("job %d is %s: %s", self.lease.claim.job_id, state, cause)
        return InterruptReason.CRASH if state == State.QUEUED else None

    def _give_up(self) -> InterruptReason | None:
        reason = self.lease.reason
        if reason is InterruptReason.LOST:
            counters.add("lease_losses")
        elif reason is InterruptReason.CANCEL:
            self.recorder.cancel()
        elif reason in (InterruptReason.SHUTDOWN, InterruptReason.SLICE):
            self.recorder.release()
            return reason
        return None
