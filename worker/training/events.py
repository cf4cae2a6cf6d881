"""The events of a training: plain, picklable values with numpy arrays, without torch.

An epoch of every run is a core.catalogue.epoch_values.EpochValues, as it is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue.epoch_values import CoefficientValues, EpochValues, OptimumValues, OutcomeValues
from core.catalogue.metrics import METRIC_NAMES

METRICS = METRIC_NAMES


@dataclass(frozen=True)
class Prepared:
    """Once, before the first step. ``weights``: parameters of one run; ``layers``: names of its weight tensors.

    Numbers of examples and steps are those of the first run's split.

    ``epoch``: of the checkpoint that the training resumes from; else 0.
    """

    weights: int
    layers: tuple[str, ...]
    train_examples: int
    validation_examples: int
    test_examples: int
    steps_per_epoch: int
    epoch: int = 0


@dataclass(frozen=True)
class Saved:
    """Follows its epoch: a checkpoint of ``size`` bytes is on the disk under ``name``."""

    epoch: int
    name: str
    size: int


@dataclass(frozen=True)
class Unsaved:
    """A checkpoint could not be written, with the reason; the training goes on, and tries again."""

    epoch: int
    error: str


@dataclass(frozen=True)
class Completed:
    """Last, after the last epoch or as soon as no run trains. Test loss and score, float64 (M,); NaN where diverged.

    ``outcomes``: of each test example. All are of the weights that count: those of a run's best epoch under early
    stopping, else those of its last one. So are the ``coefficients`` and the ``optimum``, which a linear network has,
    and the ``weights``: names of files, None of a run that diverged; empty where they are not kept.
    """

    test_loss: NDArray[np.float64]
    test_score: NDArray[np.float64]
    outcomes: OutcomeValues
    coefficients: CoefficientValues | None = None
    optimum: OptimumValues | None = None
    weights: tuple[str | None, ...] = ()


Event = Prepared | EpochValues | Saved | Unsaved | Completed


class Stopped(Exception):
    """``should_stop`` answered yes. No error, so not named one."""
