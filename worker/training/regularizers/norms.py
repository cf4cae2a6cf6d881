"""Sums over all weights of each run, and the soft threshold."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def sum_absolute(weights: Sequence[Tensor]) -> Tensor:
    """Σ|w| of each run (R,)."""
    return torch.stack([weight.flatten(1).norm(p=1, dim=1) for weight in weights]).sum(0)


def sum_squares(weights: Sequence[Tensor]) -> Tensor:
    """Σw² of each run (R,)."""
    return torch.stack([weight.flatten(1).norm(dim=1) for weight in weights]).square().sum(0)


def threshold(weight: Tensor, size: Tensor) -> None:
    """S(w, t) = sign(w)·max(|w| − t, 0), in place, as w − clamp(w, −t, t): exact at t = 0 and exactly 0 inside."""
    lower = size.neg().expand_as(weight)
    weight.sub_(torch.clamp(weight, lower, size))
