"""Group lasso, a group per unit, by its proximal map."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import ClassVar

import torch
from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.regularizers.convex_norms import Norms
from worker.training.regularizers.norms import add_up
from worker.training.regularizers.row_norms import measure_rows, shrink_rows


class GroupLasso(Regularizer):
    """Ω = Σ_j √n_j·‖w_j‖₂ over units j, w_j their n_j incoming weights: a row of a tensor. Whole rows become exactly 0.

    After the step each row is replaced by the proximal map of λ√n_j·‖·‖₂ in the step's own metric: where η is one
    number, w_j ← w_j·max(1 − ηλ√n_j/‖w_j‖₂, 0); where each weight has its η (as for ``L1``), exactly the minimizer of
    ½Σ(w_i − v_i)²/η_i + λ√n_j·‖w‖₂.

    A unit is an output of its layer: of a hidden layer a neuron, of a convolution a filter, of ``linear`` a class, so
    that there it removes classes from the map, not features. With ``penalize_biases`` a layer's biases are one group.
    Source: Yuan & Lin 2006, JRSS B 68(1); for networks, Scardapane et al. 2017, Neurocomputing 241.
    """

    legal: ClassVar = spec.GroupLasso.legal
    acts_by: ClassVar = frozenset({"shrink"})
    groups: ClassVar = True

    @property
    def norms(self) -> Norms:
        return Norms(group=1.0)

    def compute_omega(self, weights: Sequence[Tensor]) -> Tensor:
        return add_up(measure_rows(weight).flatten(1).sum(1) * sqrt(weight.shape[2]) for weight in weights)

    def add_subgradient(self, weight: Tensor, gradient: Tensor) -> None:
        norms = measure_rows(weight).clamp_(min=torch.finfo(weight.dtype).tiny)
        gradient.addcmul_(weight / norms, self.strengths * sqrt(weight.shape[2]))

    def shrink(self, weight: Tensor, scaled: Tensor) -> None:
        shrink_rows(weight, scaled * sqrt(weight.shape[2]))

    def find_largest_strength(self, slope: Tensor) -> float:
        """max_j ‖slope_j‖₂/√n_j: Yuan & Lin 2006, prop. 1, at w = 0."""
        return float(slope.norm(dim=1).max()) / sqrt(slope.shape[1])
