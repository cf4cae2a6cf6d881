"""Trains the runs of a sweep together: a generator of events. Knows no database and no Celery."""

import worker.training.kernels.reproducibility  # noqa: F401  # before the first product
from worker.training.checkpoint import Checkpoints
from worker.training.engine import train
from worker.training.events import (
    METRICS,
    Coefficients,
    Completed,
    EpochCompleted,
    Event,
    LayerHistogram,
    Prepared,
    Saved,
    Stopped,
    Unsaved,
)

__all__ = [
    "METRICS",
    "Checkpoints",
    "Coefficients",
    "Completed",
    "EpochCompleted",
    "Event",
    "LayerHistogram",
    "Prepared",
    "Saved",
    "Stopped",
    "Unsaved",
    "train",
]
