"""Sums over all weights of each run, and the soft threshold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import cast

import torch
from torch import Tensor


def add_up(terms: Iterable[Tensor]) -> Tensor:
    """Σ of tensors (R,), term by term: a sum over a stacked axis would round by the place in the stack."""
    return reduce(torch.add, terms)


def sum_absolute(weights: Sequence[Tensor]) -> Tensor:
    """Σ|w| of each run (R,)."""
    return add_up(weight.flatten(1).norm(p=1, dim=1) for weight in weights)


def sum_squares(weights: Sequence[Tensor]) -> Tensor:
    """Σw² of each run (R,)."""
    return add_up(weight.flatten(1).norm(dim=1).square() for weight in weights)


def measure_norms(tensors: Sequence[Tensor]) -> Tensor:
    """√Σw² of each run (R,), over tensors (R, rows, columns)."""
    norms = [torch.linalg.vector_norm(tensor.flatten(1), dim=1) for tensor in tensors]
    return cast(Tensor, torch.linalg.vector_norm(torch.stack(norms, 1), dim=1))


def threshold(weight: Tensor, size: Tensor) -> None:
    """S(w, t) = sign(w)·max(|w| − t, 0), in place, as w − clamp(w, −t, t): exact at t = 0 and exactly 0 inside."""
    lower = size.neg().expand_as(weight)
    weight.sub_(torch.clamp(weight, lower, size))
