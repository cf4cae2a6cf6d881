"""Elastic net by its proximal map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.regularizers.convex_norms import Norms
from worker.training.regularizers.norms import sum_absolute, sum_squares, threshold


class ElasticNet(Regularizer):
    """Ω = a·Σ|w| + (1 − a)/2·Σw² with ``mixing`` a; after the step w ← S(w, η·λ·a) / (1 + η·λ·(1 − a)).

    η as for ``L1``. Source: Zou & Hastie 2005, JRSS B 67(2); Parikh & Boyd 2014, Proximal Algorithms, 6.5.3.
    """

    legal: ClassVar = spec.ElasticNet.legal
    acts_by: ClassVar = frozenset({"shrink"})

    @property
    def curvature(self) -> float:
        return 1 - self.parameters["mixing"]

    @property
    def norms(self) -> Norms:
        return Norms(absolute=self.parameters["mixing"], square=1 - self.parameters["mixing"])

    def compute_omega(self, weights: Sequence[Tensor]) -> Tensor:
        mixing = self.parameters["mixing"]
        return mixing * sum_absolute(weights) + (1 - mixing) / 2 * sum_squares(weights)

    def add_subgradient(self, weight: Tensor, gradient: Tensor) -> None:
        mixing = self.parameters["mixing"]
        gradient.addcmul_(weight.sign().mul_(mixing).add_(weight * (1 - mixing)), self.strengths)

    def shrink(self, weight: Tensor, scaled: Tensor) -> None:
        mixing = self.parameters["mixing"]
        threshold(weight, scaled * mixing)
        weight.div_(scaled * (1 - mixing) + 1)

    def find_largest_strength(self, slope: Tensor) -> float | None:
        """max|slope|/a: Friedman, Hastie & Tibshirani 2010, J. Stat. Softw. 33(1), 2.5. With a = 0, ridge, none."""
        mixing = self.parameters["mixing"]
        return float(slope.abs().max()) / mixing if mixing > 0 else None
