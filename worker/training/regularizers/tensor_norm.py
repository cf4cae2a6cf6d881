"""The norm of each tensor, summed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.regularizers.norms import add_up


class TensorNorm(Regularizer):
    """Ω = Σ_t ‖W_t‖_p, one norm per tensor, ``p`` 1 or 2: torch.norm(w, p) summed, as tutorials write it.

    Gradient λ·sign(W) for p = 1 and λ·W/‖W‖ for p = 2, of constant size, and 0 where W = 0 (as
    torch's). Source: Yuan & Lin 2006, JRSS B 68(1): a group lasso with one group per tensor.
    """

    legal: ClassVar = spec.TensorNorm.legal
    acts_by: ClassVar = frozenset({"gradient"})

    def compute_omega(self, weights: Sequence[Tensor]) -> Tensor:
        p = self.parameters["p"]
        return add_up(weight.flatten(1).norm(p=p, dim=1) for weight in weights)

    def add_gradient(self, weight: Tensor, gradient: Tensor) -> None:
        if self.parameters["p"] == 1:
            gradient.addcmul_(weight.sign(), self.strengths)
        else:
            norm = weight.flatten(1).norm(dim=1).clamp(min=torch.finfo(weight.dtype).tiny)
            gradient.addcmul_(weight, self.strengths / norm.view(-1, 1, 1))

    def find_largest_strength(self, slope: Tensor) -> float:
        """‖slope‖_q with 1/p + 1/q = 1: the dual norm. Boyd & Vandenberghe 2004, Convex Optimization, A.1.6."""
        return float(slope.abs().max() if self.parameters["p"] == 1 else slope.norm())
