"""Decoupled weight decay."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer


class WeightDecay(Regularizer):
    """w ← (1 − η·λ)·w before the step, outside the moments, as torch's AdamW; η is the learning rate.

    It belongs to the update, not to the objective, so its Ω is 0. For plain SGD it equals ``L2``; for Adam it does
    not. Source: Loshchilov & Hutter 2019, arXiv 1711.05101, Prop. 1 and 2.
    """

    legal: ClassVar = spec.WeightDecay.legal
    acts_by: ClassVar = frozenset({"decay"})

    def decay(self, weight: Tensor, rate: float) -> None:
        weight.mul_(1 - rate * self.strengths)
