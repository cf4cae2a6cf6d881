"""What a training says as it goes: plain, picklable values with numpy arrays inside, no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

METRICS = (
    "train_loss",
    "validation_loss",
    "train_score",
    "validation_score",
    "penalty",
    "weight_l1",
    "weight_l2",
    "zero_share",
    "gradient_norm",
    "learning_rate",
    "seconds",
)


@dataclass(frozen=True)
class Prepared:
    """Once, before the first step. ``weights``: parameters of one run; ``layers``: names of its weight tensors."""

    weights: int
    layers: tuple[str, ...]
    train_examples: int
    validation_examples: int
    test_examples: int
    steps_per_epoch: int


@dataclass(frozen=True)
class LayerHistogram:
    """Weights of one layer of one run, counted in bins of equal width from ``low`` to ``high``.

    ``run`` is the index among the runs given to ``train``; ``counts`` is uint32, one per bin.
    """

    run: int
    layer: str
    low: float
    high: float
    counts: NDArray[np.uint32]


@dataclass(frozen=True)
class EpochCompleted:
    """One epoch of every run of the job; M runs in the order given.

    ``epoch`` counts from 1. ``metrics``: METRICS -> float64 (M,); losses are data losses, score is accuracy or R².
    ``batch_losses``: float32 (M, steps). ``diverged``: indices of the runs that diverged in this epoch. From that
    epoch on, what is measured of a diverged run is NaN; its batch losses are from the epoch after.
    """

    epoch: int
    metrics: dict[str, NDArray[np.float64]]
    batch_losses: NDArray[np.float32]
    diverged: tuple[int, ...]
    histograms: tuple[LayerHistogram, ...]


@dataclass(frozen=True)
class Completed:
    """Last. Test loss and score of the final weights, float64 (M,); NaN for a diverged run."""

    test_loss: NDArray[np.float64]
    test_score: NDArray[np.float64]


Event = Prepared | EpochCompleted | Completed


class Stopped(Exception):
    """``should_stop`` answered yes. No error, so not named one."""
