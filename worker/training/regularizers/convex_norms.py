"""Convex penalties of a linear model, as a weighted sum of norms."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from torch import Tensor


@dataclass(frozen=True)
class Norms:
    """absolute·Σ|w| + square/2·Σw² + group·Σ_j √n·‖w_j‖₂, over rows w_j of n weights."""

    absolute: float = 0.0
    square: float = 0.0
    group: float = 0.0

    def __add__(self, other: Norms) -> Norms:
        return Norms(self.absolute + other.absolute, self.square + other.square, self.group + other.group)

    def scale(self, strength: float) -> Norms:
        return Norms(strength * self.absolute, strength * self.square, strength * self.group)

    def measure(self, weights: Tensor) -> float:
        """Of one model's weights (rows, columns)."""
        rows = self.group * sqrt(weights.shape[1]) * weights.norm(dim=1).sum()
        return float(self.absolute * weights.abs().sum() + self.square / 2 * weights.square().sum() + rows)
