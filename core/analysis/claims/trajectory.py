"""A run's way through training, as the claims measure it."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Loss = Literal["diverged", "failed"]


@dataclass(frozen=True)
class Trajectory:
    """One run, up to an epoch that all runs compared have come to.

    Curves have an entry per epoch, from ``start`` (0 or 1) on. ``counted``: the index of the epoch whose weights count,
    the last or under early stopping the best. ``largest_weight``: of these weights, NaN where it is not known.
    ``batch_losses``: of the steps in the second half of its epochs, ``steps`` per epoch. ``halved``: successive halving
    stopped it, so its end is not known. ``lost``: why it has no numbers that can be compared.
    """

    regularizer: str
    strength: float
    replicate: Hashable
    start: int
    train_loss: Vector
    train_score: Vector
    validation_loss: Vector
    weight_norm: Vector
    zero_share: Vector
    counted: int
    largest_weight: float
    batch_losses: Vector
    steps: int
    halved: bool = False
    lost: Loss | None = None

    def read_end(self, curve: Vector) -> float | None:
        """A curve's value of the weights that count; None where it is not finite, or the run's end is not known."""
        if self.halved or not curve.size:
            return None
        value = float(curve[self.counted])
        return value if math.isfinite(value) else None


@dataclass(frozen=True)
class Measurement:
    """One run's number. ``value``: infinite where it is ``censored``, which means not reached by the last epoch."""

    value: float
    censored: bool = False


def measure(value: float | None) -> Measurement | None:
    """A number that is not censored; None stays."""
    return None if value is None or not math.isfinite(value) else Measurement(value)
