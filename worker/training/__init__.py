"""Trains the runs of a sweep together: a generator of events. Knows no database and no Celery."""

import worker.training.kernels.reproducibility  # noqa: F401  # before the first product
from core.catalogue.epoch_values import CoefficientValues, EpochValues, HistogramValues
from worker.training.checkpoint import Checkpoints
from worker.training.engine import train
from worker.training.events import METRICS, Completed, Event, Prepared, Saved, Stopped, Unsaved

__all__ = [
    "METRICS",
    "Checkpoints",
    "CoefficientValues",
    "Completed",
    "EpochValues",
    "Event",
    "HistogramValues",
    "Prepared",
    "Saved",
    "Stopped",
    "Unsaved",
    "train",
]
