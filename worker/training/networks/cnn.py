"""Convolutional networks of M runs at once."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from worker.training.networks.base import Network, Slots
from worker.training.networks.convolutions import convolve, pool
from worker.training.networks.layers import ACTIVATIONS, activate, apply_affine_layer, describe_affine
from worker.training.step.forward_context import EVALUATION, ForwardContext


class ConvolutionalNetwork(Network):
    """3×3 convolutions, each with activation and 2×2 maxima, then one hidden layer. Images are (H, W, C)."""

    def __init__(
        self, shape: tuple[int, int, int], channels: Sequence[int], hidden: int, outputs: int, activation: str
    ) -> None:
        self._activation = ACTIVATIONS[activation]
        self._convolutions = [f"conv{i + 1}" for i in range(len(channels))]
        self.rectified_layers = [*self._convolutions, "hidden"] if activation == "relu" else ()
        self.tensors = []
        self.activations = hidden + outputs
        height, width, depth = shape
        for layer, units in zip(self._convolutions, channels, strict=True):
            self.tensors += describe_affine(layer, 9 * depth, units)
            self.activations += height * width * (9 * depth + units)
            height, width, depth = height // 2, width // 2, units
        self.tensors += describe_affine("hidden", height * width * depth, hidden)
        self.tensors += describe_affine("output", hidden, outputs)

    def forward(self, x: Tensor, slots: Slots, context: ForwardContext = EVALUATION) -> Tensor:
        for layer in self._convolutions:
            x = convolve(x, slots[f"{layer}.weight"], slots[f"{layer}.bias"])
            x = context.drop(pool(activate(self._activation, x)))
        x = context.drop(activate(self._activation, apply_affine_layer(x.flatten(2), "hidden", slots)))
        return apply_affine_layer(x, "output", slots)
