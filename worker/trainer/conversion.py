"""In the trainer: events of a training as messages to the supervisor."""

from __future__ import annotations

from core.catalogue.epoch_values import EpochValues
from worker.trainer.messages import Finished, Message, Saved, Started, Unsaved
from worker.training import Completed, Event, Prepared, events


def to_message(event: Event) -> Message:
    match event:
        case Prepared():
            return Started(event.epoch, event.layers)
        case EpochValues():
            return event
        case events.Saved():
            return Saved(event.epoch, event.name, event.size)
        case events.Unsaved():
            return Unsaved(event.error)
        case Completed():
            ends = event.test_loss, event.test_score, event.outcomes, event.coefficients, event.optimum
            return Finished(*ends, event.weights)
