"""Which rectified units are ever active."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from worker.training.step.forward_context import EVALUATION, ForwardContext


class ActiveUnits:
    """Looks at the hidden layers of forward passes over a set of examples, batch by batch, by ``context``.

    A unit is dead where its rectified activation is 0 on every example (of a channel: at every place that is passed
    on), so that none of them has a gradient for it. ``layers``: the network's, whose names ``rectified`` are among.
    """

    def __init__(self, layers: Sequence[str], rectified: Sequence[str]) -> None:
        self._places = [layers.index(layer) for layer in rectified]
        self._count = len(layers)
        self._seen: list[Tensor] = []
        self._next = 0
        self.context: ForwardContext = replace(EVALUATION, drop=self._look) if rectified else EVALUATION

    def begin_runs(self) -> None:
        """The passes that follow are of other runs."""
        self._seen, self._next = [], 0

    def list_dead_shares(self, runs: int, like: Tensor) -> list[Tensor]:
        """Of each layer the share of dead units (R,), NaN where it has no rectified ones; of the last runs' passes."""
        shares = [like.new_full((runs,), torch.nan) for _ in range(self._count)]
        for place, active in zip(self._places, self._seen, strict=True):
            shares[place] = (~active).to(like.dtype).mean(1)
        return shares

    def _look(self, hidden: Tensor) -> Tensor:
        """``hidden`` (R, B, …, units): rectified, so a unit is active where it is above 0."""
        active = hidden.flatten(1, -2).amax(1) > 0
        if self._next == len(self._seen):
            self._seen.append(active)
        else:
            self._seen[self._next] |= active
        self._next = (self._next + 1) % len(self._places)
        return hidden
