"""Events of a training as messages to the supervisor."""

from __future__ import annotations

from core.db.records import CoefficientValues, EpochValues, HistogramValues, StopValues
from worker.trainer.messages import Finished, Message, Saved, Started, Unsaved
from worker.training import Coefficients, Completed, EpochCompleted, Event, Prepared, events


def to_message(event: Event) -> Message:
    match event:
        case Prepared():
            return Started(event.epoch)
        case EpochCompleted():
            return _to_values(event)
        case events.Saved():
            return Saved(event.epoch, event.name, event.size)
        case events.Unsaved():
            return Unsaved(event.error)
        case Completed():
            return Finished(event.test_loss, event.test_score, _to_coefficients(event.coefficients))


def _to_coefficients(coefficients: Coefficients | None) -> CoefficientValues | None:
    return None if coefficients is None else CoefficientValues(coefficients.weights, coefficients.intercepts)


def _to_values(event: EpochCompleted) -> EpochValues:
    histograms = tuple(HistogramValues(h.run, h.layer, h.low, h.high, h.counts) for h in event.histograms)
    stopped = tuple(StopValues(stopping.run, stopping.by) for stopping in event.stopped)
    return EpochValues(event.epoch, event.metrics, event.batch_losses, event.diverged, histograms, stopped)
