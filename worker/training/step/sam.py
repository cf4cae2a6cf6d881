"""The second pass over a batch of sharpness-aware minimization, at perturbed parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from worker.training.parameters import Parameters
from worker.training.step.bound_regularizers import BoundRegularizer, select


class SecondPass:
    """Moves the parameters of the runs under SAM, and the whole stack back exactly, by a copy.

    The whole stack passes twice. Its noise is drawn again, so that the gradients of the other runs come out the same,
    bit for bit.
    """

    def __init__(self, bound: Sequence[BoundRegularizer], parameters: Parameters) -> None:
        self._moved = select(bound, "perturb")
        on_the_way = [*select(bound, "mask"), *select(bound, "skip")]
        self._noises = [each.noise for each in on_the_way if each.noise is not None]
        self._drawn: list[list[Tensor]] = []
        self._groups = parameters.groups
        self._kept = [torch.empty_like(group.values) for group in self._groups]

    def save_noise(self) -> None:
        """To be called before the first pass."""
        self._drawn = [noise.save() for noise in self._noises]

    @contextmanager
    def perturb(self) -> Iterator[None]:
        """Within it the parameters are moved along the first pass's gradients, which are still in the buffers."""
        with torch.no_grad():
            for kept, group in zip(self._kept, self._groups, strict=True):
                kept.copy_(group.values)
            for each in self._moved:
                each.perturb()
        for noise, states in zip(self._noises, self._drawn, strict=True):
            noise.restore(states)
        try:
            yield
        finally:
            with torch.no_grad():
                for kept, group in zip(self._kept, self._groups, strict=True):
                    group.values.copy_(kept)
