"""The events of a training: plain, picklable values with numpy arrays, without torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue.metrics import METRIC_NAMES
from core.spec.stopping import Reason

METRICS = METRIC_NAMES


@dataclass(frozen=True)
class Prepared:
    """Once, before the first step. ``weights``: parameters of one run; ``layers``: names of its weight tensors.

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
class Stopping:
    """``run`` (an index) ends with this epoch, before the last, without having diverged."""

    run: int
    by: Reason


@dataclass(frozen=True)
class EpochCompleted:
    """One epoch of every run of the job; M runs in the order given.

    ``epoch`` counts from 1. ``metrics``: METRICS -> float64 (M,); losses are data losses, score is accuracy or R².
    Where the spec has a tolerance also ``change``, which is compared with it: see ``convergence.measure_shift``.
    ``batch_losses``: float32 (M, steps). ``diverged``: indices of the runs that diverged in this epoch. From that
    epoch on the metrics of a diverged run are NaN, and its batch losses from the epoch after. ``stopped``: runs whose
    last epoch this is; all their values are NaN from the next on.
    """

    epoch: int
    metrics: dict[str, NDArray[np.float64]]
    batch_losses: NDArray[np.float32]
    diverged: tuple[int, ...]
    histograms: tuple[LayerHistogram, ...]
    stopped: tuple[Stopping, ...] = ()


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
class Coefficients:
    """Of linear networks, of the features as they were trained on: standardized, divided or as is; images flat.

    ``weights``: float64 (M, outputs, features); ``intercepts``: (M, outputs), None without; NaN for a diverged run.
    """

    weights: NDArray[np.float64]
    intercepts: NDArray[np.float64] | None


@dataclass(frozen=True)
class Completed:
    """Last, after the last epoch or as soon as no run trains. Test loss and score, float64 (M,); NaN where diverged.

    Of the weights that count: those of a run's best epoch under early stopping, else those of its last one. So are the
    ``coefficients``, which a linear network has.
    """

    test_loss: NDArray[np.float64]
    test_score: NDArray[np.float64]
    coefficients: Coefficients | None = None


Event = Prepared | EpochCompleted | Saved | Unsaved | Completed


class Stopped(Exception):
    """``should_stop`` answered yes. No error, so not named one."""
