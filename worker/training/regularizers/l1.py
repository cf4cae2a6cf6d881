"""L1 by its proximal map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.regularizers.convex_norms import Norms
from worker.training.regularizers.norms import sum_absolute, threshold


class L1(Regularizer):
    """Ω = Σ|w|; after the step w ← S(w, η·λ), which makes exact zeros.

    η is what the optimizer multiplied the gradient by, weight by weight (``Optimizer.scale_step``), so that a
    weight rests at a value other than 0 only where the data loss's slope is exactly λ, under every optimizer.
    Source: Tibshirani 1996, JRSS B 58(1); Beck & Teboulle 2009, SIAM J. Imaging Sci. 2(1); with a preconditioner,
    Duchi, Hazan & Singer 2011, JMLR 12, eq. 4.
    """

    legal: ClassVar = spec.L1.legal
    acts_by: ClassVar = frozenset({"shrink"})

    @property
    def norms(self) -> Norms:
        return Norms(absolute=1.0)

    def compute_omega(self, weights: Sequence[Tensor]) -> Tensor:
        return sum_absolute(weights)

    def add_subgradient(self, weight: Tensor, gradient: Tensor) -> None:
        gradient.addcmul_(weight.sign(), self.strengths)

    def shrink(self, weight: Tensor, scaled: Tensor) -> None:
        threshold(weight, scaled)

    def find_largest_strength(self, slope: Tensor) -> float:
        """max|slope|: Friedman, Hastie & Tibshirani 2010, J. Stat. Softw. 33(1), 2.5."""
        return float(slope.abs().max())
