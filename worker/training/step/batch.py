"""The examples of one step of a stack."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass
class Batch:
    """``x``: (M, B, *shape), each run's own, which may be written; or (1, B, *shape), the same for all. ``y``: (M, B).

    Where examples are blended (mixup), ``second`` (M, B) are the targets of the other ones, and ``share`` (M, 1) is the
    part of each run's loss that is of ``y``.
    """

    x: Tensor
    y: Tensor
    second: Tensor | None = None
    share: Tensor | None = None

    def make_own(self) -> None:
        """Give each run its own ``x`` where runs share memory, so that it may be written."""
        if len(self.x) == 1 or self.x.stride(0) == 0:
            self.x = self.x.expand(len(self.y), *self.x.shape[1:]).clone()

    def take(self, rows: slice) -> Batch:
        """The batch of these runs: views."""
        second = None if self.second is None else self.second[rows]
        share = None if self.share is None else self.share[rows]
        return Batch(self.x if len(self.x) == 1 else self.x[rows], self.y[rows], second, share)
