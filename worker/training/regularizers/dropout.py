"""Dropout."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.rng import Purpose


class Dropout(Regularizer):
    """Each hidden activation is dropped with probability p, the strength, and else scaled by 1/(1 − p).

    Off in evaluation. A unit is kept where its noise is below 1 − p: the same noise at every strength, so that a
    weaker dropout keeps every unit that a stronger one keeps. Ω is 0. Source: Srivastava et al. 2014, JMLR 15.
    """

    legal: ClassVar = spec.Dropout.legal
    acts_by: ClassVar = frozenset({"mask"})
    purpose: ClassVar = Purpose.NOISE

    def make_mask(self, noise: Tensor) -> Tensor:
        keep = 1 - self.strengths
        return (noise < keep).to(self.strengths.dtype).div_(keep)
