"""The base class of networks: M runs at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from worker.training.parameters import Parameters, Slot, TensorSpec, draw_start
from worker.training.step.forward_context import EVALUATION, ForwardContext

Slots = Mapping[str, Slot]


class Network(ABC):
    """``tensors``: one run's parameters, in the order of their draws. ``activations``: units of one example.

    ``statistics``: those of batch normalization. ``largest_stack``: how many runs it takes at once; None for any.
    ``rectified``: its layers, where it is affine layers with rectified units between them and nothing else.
    ``rectified_layers``: those whose rectified units a forward pass hands to its context's ``drop``, in that order.
    """

    tensors: Sequence[TensorSpec]
    statistics: Sequence[TensorSpec] = ()
    activations: int
    largest_stack: int | None = None
    rectified: Sequence[str] = ()
    rectified_layers: Sequence[str] = ()

    @abstractmethod
    def forward(self, x: Tensor, slots: Slots, context: ForwardContext = EVALUATION) -> Tensor:
        """x (M or 1, B, *features) -> outputs (M, B, K)."""

    def draw(self, seed: int) -> list[Tensor]:
        """One run's start, in the order of ``tensors``."""
        return draw_start(self.tensors, seed)

    def make_parameters(self, seeds: Sequence[int], dtype: torch.dtype, device: torch.device) -> Parameters:
        """A stack of one run per seed, at its start."""
        return Parameters(self.tensors, seeds, dtype, device, self.statistics, self.draw)

    @property
    def layers(self) -> tuple[str, ...]:
        return tuple(tensor.layer for tensor in self.tensors if tensor.is_weight)
