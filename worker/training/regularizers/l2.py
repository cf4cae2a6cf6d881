"""L2, coupled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.regularizers.convex_norms import Norms
from worker.training.regularizers.norms import sum_squares


class L2(Regularizer):
    """Ω = ½ Σ w², gradient λw: it enters the optimizer's moments, as torch's ``weight_decay`` does for Adam.

    Source: Hoerl & Kennard 1970, Technometrics 12(1).
    """

    legal: ClassVar = spec.L2.legal
    acts_by: ClassVar = frozenset({"gradient"})
    smoothness: ClassVar = 1.0

    @property
    def norms(self) -> Norms:
        return Norms(square=1.0)

    def compute_omega(self, weights: Sequence[Tensor]) -> Tensor:
        return sum_squares(weights) / 2

    def add_gradient(self, weight: Tensor, gradient: Tensor) -> None:
        gradient.addcmul_(weight, self.strengths)
