"""Train a sweep as one stack. Knows no database and no Celery: a generator of events that a notebook could use."""

from worker.training.engine import train
from worker.training.events import (
    METRICS,
    Coefficients,
    Completed,
    EpochCompleted,
    Event,
    LayerHistogram,
    Prepared,
    Stopped,
)

__all__ = [
    "METRICS",
    "Coefficients",
    "Completed",
    "EpochCompleted",
    "Event",
    "LayerHistogram",
    "Prepared",
    "Stopped",
    "train",
]
