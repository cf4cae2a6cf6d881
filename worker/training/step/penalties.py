"""Sums over the regularizers that act on a run."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from worker.training.parameters import Parameters
from worker.training.regularizers.norms import measure_norms
from worker.training.step.bound_regularizers import BoundRegularizer


def sum_smoothness(bound: Sequence[BoundRegularizer], runs: int) -> Tensor:
    """λ times the smoothness of Ω of each run (M, 1, 1), summed over the regularizers that act on it."""
    strengths = bound[0].regularizer.strengths
    total = torch.zeros(runs, 1, 1, dtype=strengths.dtype, device=strengths.device)
    for each in bound:
        total[each.rows] += each.regularizer.strengths * each.regularizer.smoothness
    return total


def sum_penalties(bound: Sequence[BoundRegularizer], runs: int) -> Tensor:
    """λ·Ω of each run (M,), summed over the regularizers that act on it."""
    strengths = bound[0].regularizer.strengths
    total = torch.zeros(runs, dtype=strengths.dtype, device=strengths.device)
    for each in bound:
        total[each.rows] += each.compute_penalty()
    return total


def measure_pull(bound: Sequence[BoundRegularizer], parameters: Parameters) -> Tensor:
    """‖λ·∂Ω‖₂ of each run (M,), Ω the sum of the penalties on it; NaN where no penalty has a strength above 0.

    Decoupled decay, projections and noise belong to no Ω. Overwrites the gradients, which the next step takes anew.
    """
    pulling = [each for each in bound if each.acts_by("gradient") or each.acts_by("shrink")]
    values = parameters.weights.values
    pulled = torch.zeros(parameters.weights.runs, dtype=torch.bool, device=values.device)
    if not pulling:
        return torch.full_like(pulled, torch.nan, dtype=torch.float64)
    for each in pulling:
        pulled[each.rows] |= each.regularizer.strengths.flatten() > 0
        for target in each.targets:
            target.gradient.zero_()
    for each in pulling:
        for target in each.targets:
            each.regularizer.add_subgradient(target.value, target.gradient)
    whole = [parameters.groups[target.group].gradient_tensors[target.tensor] for target in pulling[0].targets]
    return torch.where(pulled, measure_norms(whole).double(), torch.nan)
