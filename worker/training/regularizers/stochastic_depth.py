"""Stochastic depth."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.rng import Purpose


class StochasticDepth(Regularizer):
    """The branch of residual block l of L is left out with probability p·l/L, else scaled by 1/(1 − p·l/L).

    The strength p is that of the last block. Each example by its own draw, as ``torchvision.ops.StochasticDepth`` in
    row mode; off in evaluation. Ω is 0. Source: Huang et al. 2016, arXiv 1603.09382.
    """

    legal: ClassVar = spec.StochasticDepth.legal
    acts_by: ClassVar = frozenset({"skip"})
    purpose: ClassVar = Purpose.DEPTH

    def make_branch_mask(self, noise: Tensor, block: int, blocks: int) -> Tensor:
        keep = 1 - self.strengths.flatten(1) * (block / blocks)
        return (noise < keep).to(keep.dtype).div_(keep)
