"""Values of an epoch and of a training's end, from the trainer to the database: plain arrays, no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.spec.stopping import Reason

# Of a layer's weights ‖W‖₂ and the share of exact zeros; and the share of its units that are dead: rectified, and 0 on
# every training example.
LAYER_PARTS = ("norm", "zero_share", "dead_share")


@dataclass(frozen=True)
class HistogramValues:
    """Weights of one layer of one run, counted in bins of equal width from ``low`` to ``high``.

    ``run`` is the run's index within the job; ``counts``: (bins,) uint32.
    """

    run: int
    layer: str
    low: float
    high: float
    counts: NDArray[np.uint32]


@dataclass(frozen=True)
class StopValues:
    """The run of this index ends early, with this epoch, without having diverged. ``by``: see core.spec.stopping."""

    run: int
    by: Reason


@dataclass(frozen=True)
class CoefficientValues:
    """Coefficients of linear networks, of M runs in the order of the job's run ids.

    Of the features as they were trained on: standardized, divided or as is; images flat.
    ``weights``: (M, outputs, features) float64, NaN where a run diverged; ``intercepts``: (M, outputs), None without.
    """

    weights: NDArray[np.float64]
    intercepts: NDArray[np.float64] | None


@dataclass(frozen=True)
class OutcomeValues:
    """What M runs make of each of I test examples, with the weights that count; of the runs of a split the same ones.

    ``losses``: data losses (M, I) float32, NaN where a run diverged; ``hits``: whether it is classified rightly, bool
    (M, I); None for a regression.
    """

    losses: NDArray[np.float32]
    hits: NDArray[np.bool_] | None


@dataclass(frozen=True)
class OptimumValues:
    """How far M runs of a linear network are from the optimum of their convex objective, (M,); NaN where unknown.

    ``gaps``: how much lower the objective can be at most, as a share of that of the best model whose weights are 0.
    ``residuals``: without a penalty the loss's largest slope, as a share of that at weights 0. Both of runs that were
    trained to the optimum. ``largest``: the least strength of the run's regularizer whose optimum is at weights 0.
    """

    gaps: NDArray[np.float64]
    residuals: NDArray[np.float64]
    largest: NDArray[np.float64]


@dataclass(frozen=True)
class EpochValues:
    """One epoch of a job of M runs, in the order of the job's run ids.

    ``epoch`` counts from 1. ``metrics``: by name of core.catalogue.metrics, each (M,) float64; non-finite becomes NULL.
    Losses are data losses, score is accuracy or R². With a tolerance also ``change``, which is compared with it, and
    kept for each run's newest epoch. ``batch_losses``: (M, steps) float32.

    ``diverged``: indices of the runs that diverged in this epoch; from it on their metrics are NaN, and their batch
    losses from the epoch after. ``stopped``: the runs that end early, with this epoch; their values are NaN from the
    next on. ``steps`` (M,): how many each run has, where their training sets differ in size; None for all.

    ``start``: with epoch 1 the state before the first step, as epoch 0. What only steps have is NaN there (gradients,
    learning rate, seconds), and it has no batch losses: (M, 0).

    ``layers``: (M, L, 3) float32, of each of the job's layers LAYER_PARTS; NaN where it has no such thing, or the run
    no values.
    """

    epoch: int
    metrics: dict[str, NDArray[np.float64]]
    batch_losses: NDArray[np.float32]
    diverged: tuple[int, ...] = ()
    histograms: tuple[HistogramValues, ...] = ()
    stopped: tuple[StopValues, ...] = ()
    steps: NDArray[np.int64] | None = None
    start: EpochValues | None = None
    layers: NDArray[np.float32] | None = None
