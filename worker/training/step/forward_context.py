"""The context of a forward pass: dropout, stochastic depth, batch statistics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor


def keep_hidden(hidden: Tensor) -> Tensor:
    """No dropout."""
    return hidden


def keep_branch(branch: Tensor, block: int, blocks: int) -> Tensor:
    """No stochastic depth."""
    return branch


@dataclass(frozen=True)
class Mask:
    """``factors`` (R, B, …) for the hidden activations of these rows of the stack."""

    rows: slice
    factors: Tensor


def make_no_masks(hidden: Tensor) -> Sequence[Mask]:
    """No dropout."""
    return ()


@dataclass(frozen=True)
class ForwardContext:
    """``drop`` is called on each hidden layer (M, B, …); ``skip`` on each residual branch (M, B, …), ``block`` from 1.

    ``make_masks``: the factors of ``drop``, for backpropagation by hand; one or the other is called.

    ``is_training``: whether batch normalization uses the batch's own statistics. ``keeps_statistics``: whether it then
    moves its running statistics, which a second pass over the same batch must not do again.
    """

    is_training: bool = False
    keeps_statistics: bool = False
    drop: Callable[[Tensor], Tensor] = keep_hidden
    skip: Callable[[Tensor, int, int], Tensor] = keep_branch
    make_masks: Callable[[Tensor], Sequence[Mask]] = make_no_masks


EVALUATION = ForwardContext()
