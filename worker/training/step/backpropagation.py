"""Backpropagation: by autograd for any network, by hand for rectified layers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from worker.training.kernels.precision import Forward
from worker.training.networks.base import Network, Slots
from worker.training.step.forward_context import ForwardContext, Mask


class Backpropagation(ABC):
    """One batch at a time: ``forward``, then ``backward``, which writes the gradients into the slots."""

    @abstractmethod
    def forward(self, x: Tensor, context: ForwardContext) -> Tensor:
        """x (M or 1, B, *features) -> outputs (M, B, K), without a graph, to be used before the next call."""

    @abstractmethod
    def backward(self, gradient: Tensor) -> None:
        """``gradient`` (M, B, K): of the outputs of the last ``forward``."""


class Recorded(Backpropagation):
    """By autograd, for any network."""

    def __init__(self, forward: Forward, slots: Slots) -> None:
        self._forward, self._slots = forward, slots
        self._outputs: Tensor | None = None

    def forward(self, x: Tensor, context: ForwardContext) -> Tensor:
        self._outputs = self._forward(x, self._slots, context)
        return self._outputs.detach()

    def backward(self, gradient: Tensor) -> None:
        assert self._outputs is not None
        self._outputs.backward(gradient)
        self._outputs = None


class Rectified(Backpropagation):
    """By hand, for affine layers with rectified units between them, in buffers that are used again and again.

    On a CPU autograd takes longer over a small stack's batch than the arithmetic does, and memory that is new each time
    is cold. The arithmetic, and so every bit, is that of ``Recorded``.
    """

    def __init__(self, slots: Slots, layers: Sequence[str]) -> None:
        self._weights = [slots[f"{layer}.weight"].value.detach() for layer in layers]
        self._biases = [slots[f"{layer}.bias"].value.detach() for layer in layers]
        self._weight_sinks = [slots[f"{layer}.weight"].gradient for layer in layers]
        self._bias_sinks = [slots[f"{layer}.bias"].gradient for layer in layers]
        self._buffers: dict[int, tuple[list[Tensor], list[Tensor]]] = {}
        self._inputs: list[Tensor] = []
        self._masks: list[Sequence[Mask]] = []

    @torch.no_grad()
    def forward(self, x: Tensor, context: ForwardContext) -> Tensor:
        x = x.flatten(2).expand(len(self._weights[0]), -1, -1)
        outputs, _ = self._get_buffers(x.shape[1])
        self._inputs, self._masks = [x], []
        for weight, bias, y in zip(self._weights, self._biases, outputs, strict=True):
            torch.baddbmm(bias, self._inputs[-1], weight.mT, out=y)
            if y is not outputs[-1]:
                self._masks.append(context.make_masks(y.relu_()))
                for mask in self._masks[-1]:
                    y[mask.rows].mul_(mask.factors)
                self._inputs.append(y)
        return outputs[-1]

    @torch.no_grad()
    def backward(self, gradient: Tensor) -> None:
        _, gradients = self._get_buffers(gradient.shape[1])
        for layer in reversed(range(len(self._weights))):
            torch.bmm(gradient.mT, self._inputs[layer], out=self._weight_sinks[layer])
            torch.sum(gradient, 1, keepdim=True, out=self._bias_sinks[layer])
            if layer:
                gradient = torch.bmm(gradient, self._weights[layer], out=gradients[layer - 1])
                for mask in self._masks[layer - 1]:
                    gradient[mask.rows].mul_(mask.factors)
                # Dropped units are 0 in both.
                torch.ops.aten.threshold_backward.grad_input(gradient, self._inputs[layer], 0, grad_input=gradient)

    def _get_buffers(self, batch: int) -> tuple[list[Tensor], list[Tensor]]:
        """Outputs of every layer and gradients of the hidden ones, (M, batch, units)."""
        if batch not in self._buffers:
            outputs = [bias.new_empty(len(bias), batch, bias.shape[-1]) for bias in self._biases]
            self._buffers[batch] = outputs, [torch.empty_like(each) for each in outputs[:-1]]
        return self._buffers[batch]


def make_backpropagation(network: Network, forward: Forward, slots: Slots) -> Backpropagation:
    """``forward``: the network's, in the precision that is wanted."""
    by_hand = network.rectified and forward == network.forward
    return Rectified(slots, network.rectified) if by_hand else Recorded(forward, slots)
