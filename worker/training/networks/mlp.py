"""Multilayer perceptrons and linear models of M runs at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor

from worker.training.networks.base import Network, Slots
from worker.training.networks.layers import (
    ACTIVATIONS,
    activate,
    apply_affine_layer,
    apply_normalization,
    describe_affine,
)
from worker.training.parameters import TensorSpec
from worker.training.step.forward_context import EVALUATION, ForwardContext


class MultilayerPerceptron(Network):
    """Fully connected; ``linear`` has no hidden layer, and there dropout acts on the inputs instead."""

    def __init__(
        self,
        inputs: int,
        widths: Sequence[int],
        outputs: int,
        activation: str,
        *,
        normalized: bool = False,
        intercept: bool = True,
    ) -> None:
        self._activation = ACTIVATIONS[activation]
        self._normalized = normalized
        self._hidden = [f"hidden{i + 1}" for i in range(len(widths))]
        self.activations = inputs + sum(widths) + outputs
        self.rectified_layers = self._hidden if activation == "relu" else ()
        if widths and activation == "relu" and intercept and not normalized:
            self.rectified = (*self._hidden, "output")
        self.tensors = []
        for layer, (fan_in, units) in zip([*self._hidden, "output"], pairwise([inputs, *widths, outputs]), strict=True):
            self.tensors += describe_affine(layer, fan_in, units)[: 2 if intercept else 1]
            if normalized and layer != "output":
                self.tensors += [
                    TensorSpec(layer, "gain", (1, units), constant=1.0),
                    TensorSpec(layer, "shift", (1, units)),
                ]

    def forward(self, x: Tensor, slots: Slots, context: ForwardContext = EVALUATION) -> Tensor:
        x = x.flatten(2)
        if not self._hidden:
            x = context.drop(x)
        for layer in self._hidden:
            x = apply_affine_layer(x, layer, slots)
            if self._normalized:
                x = apply_normalization(x, slots[f"{layer}.gain"], slots[f"{layer}.shift"])
            x = context.drop(activate(self._activation, x))
        return apply_affine_layer(x, "output", slots)
