"""Sharpness-aware minimization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.regularizers.norms import sum_squares


class SAM(Regularizer):
    """The step's gradient is taken at w + ρ·g/‖g‖₂, ρ the strength, and the step is made from w.

    g is the gradient at w of the loss without penalties, and its norm is over all parameters of the run, biases too.
    Penalties act at w, as in the paper's objective L_SAM(w) + λ‖w‖². The batch and its noise are the same in both
    passes; the reported loss is of the first. Ω is 0. Source: Foret et al. 2021, arXiv 2010.01412.
    """

    legal: ClassVar = spec.SAM.legal
    acts_by: ClassVar = frozenset({"perturb"})

    def perturb(self, weights: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
        norm = sum_squares(gradients).sqrt().clamp(min=torch.finfo(self.strengths.dtype).tiny)
        inverse = norm.reciprocal().view(-1, 1, 1)
        for weight, gradient in zip(weights, gradients, strict=True):
            # Divided first, so that no product leaves the numbers' range where the gradient is next to nothing.
            weight.add_((gradient * inverse).mul_(self.strengths))
