"""Sums over the regularizers that act on a run."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

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


def measure_pull(bound: Sequence[BoundRegularizer], runs: int) -> Tensor:
    """‖λ·∂Ω‖₂ of each run (M,), Ω the sum of the penalties on it; NaN where no penalty has a strength above 0.

    Decoupled decay, projections and noise belong to no Ω.
    """
    pulling = [each for each in bound if each.acts_by("gradient") or each.acts_by("shrink")]
    pulled = torch.zeros(runs, dtype=torch.bool, device=bound[0].regularizer.strengths.device)
    if not pulling:
        return torch.full_like(pulled, torch.nan, dtype=torch.float64)
    for each in pulling:
        pulled[each.rows] |= each.regularizer.strengths.flatten() > 0
    norms = measure_norms([_sum_subgradients(pulling, runs, index) for index in range(len(pulling[0].targets))])
    return torch.where(pulled, norms.double(), torch.nan)


def _sum_subgradients(pulling: Sequence[BoundRegularizer], runs: int, index: int) -> Tensor:
    """λ·∂Ω of target ``index`` (M, rows, columns)."""
    like = pulling[0].targets[index].value
    total = like.new_zeros(runs, *like.shape[1:])
    for each in pulling:
        own = torch.zeros_like(each.targets[index].value)
        each.regularizer.add_subgradient(each.targets[index].value, own)
        # Each by itself: added to a sum in one operation, the last elements of a buffer would round otherwise.
        total[each.rows] += own
    return total
