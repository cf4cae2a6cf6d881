"""L1 by its subgradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.regularizers.norms import sum_absolute


class L1Subgradient(Regularizer):
    """Ω = Σ|w|, gradient λ·sign(w) with sign(0) = 0, as in tutorials. It almost never reaches an exact zero.

    Source: Shor 1985, Minimization Methods for Non-Differentiable Functions.
    """

    legal: ClassVar = spec.L1Subgradient.legal
    acts_by: ClassVar = frozenset({"gradient"})

    def compute_omega(self, weights: Sequence[Tensor]) -> Tensor:
        return sum_absolute(weights)

    def add_gradient(self, weight: Tensor, gradient: Tensor) -> None:
        gradient.addcmul_(weight.sign(), self.strengths)

    def find_largest_strength(self, slope: Tensor) -> float:
        """As ``L1``, which has the same optimum; that it is reached exactly is another matter."""
        return float(slope.abs().max())
