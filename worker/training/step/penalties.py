"""Sums over the regularizers that act on a run."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

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
