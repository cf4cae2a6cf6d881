"""The forward context of a training step, with the dropout and stochastic depth of its regularizers."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from worker.training.step.bound_regularizers import BoundRegularizer, select
from worker.training.step.forward_context import ForwardContext, Mask, keep_branch, keep_hidden


def make_training_context(bound: Sequence[BoundRegularizer]) -> ForwardContext:
    """Several dropouts act one after the other; without any, activations stay as they are."""
    masking, skipping = select(bound, "mask"), select(bound, "skip")

    def drop(hidden: Tensor) -> Tensor:
        for each in masking:
            hidden = each.drop(hidden)
        return hidden

    def skip(branch: Tensor, block: int, blocks: int) -> Tensor:
        for each in skipping:
            branch = each.skip(branch, block, blocks)
        return branch

    def make_masks(hidden: Tensor) -> list[Mask]:
        return [each.make_mask(hidden) for each in masking]

    return ForwardContext(True, True, drop if masking else keep_hidden, skip if skipping else keep_branch, make_masks)
