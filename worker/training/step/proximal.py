"""Proximal maps of regularizers that act on the same runs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import torch
from torch import Tensor

from worker.training.optimizers import Optimizer
from worker.training.step.bound_regularizers import BoundRegularizer


def shrink_weights(bound: Sequence[BoundRegularizer], optimizer: Optimizer) -> None:
    """After the step: on every tensor, the proximal map of the sum of all that shrink it.

    In a diagonal metric, with t = λη per weight, the map of Σ_k λ_k(a_k·Σ|w| + b_k/2·Σw²) + μ‖w‖₂ solves
    w·(1 + Σ t_k·b_k + μη/‖w‖₂) = S(v, Σ t_k·a_k), weight by weight. One map after the other gives just that if norms of
    groups come last, and if each takes its t over what those before it divided by, 1 + Σ t_k·b_k.
    """
    shrinking = sorted((each for each in bound if each.acts_by("shrink")), key=lambda each: each.regularizer.groups)
    # Dividing by 1 changes nothing, so that a run does not notice which others are in the stack.
    together = any(_overlap(one.rows, other.rows) for one, other in combinations(shrinking, 2))
    for index in range(len(shrinking[0].targets) if shrinking else 0):
        divisor: Tensor | None = None
        for each in shrinking:
            if not together and not each.regularizer.groups:
                each.shrink_alone(optimizer, index)
                continue
            scaled = each.scale_step(optimizer, index)
            own = scaled if divisor is None else scaled / divisor[each.rows]
            each.regularizer.shrink(each.targets[index].value, own)
            if together and each.regularizer.curvature > 0:
                divisor = _make_ones(bound, scaled) if divisor is None else divisor
                divisor[each.rows] += scaled * each.regularizer.curvature


def _overlap(one: slice, other: slice) -> bool:
    return bool(one.start < other.stop and other.start < one.stop)


def _make_ones(bound: Sequence[BoundRegularizer], scaled: Tensor) -> Tensor:
    """For every run of the stack, shaped as ``scaled`` of some of them."""
    return torch.ones_like(scaled[:1]).repeat(max(each.rows.stop for each in bound), 1, 1)
