"""The runs of a job, cut into stacks that advance in turn."""

from worker.training.sweep.epoch_metrics import SweepEpoch
from worker.training.sweep.sweep import Sweep

__all__ = ["Sweep", "SweepEpoch"]
