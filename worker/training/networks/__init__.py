"""Networks of M runs at once. Each names its tensors and maps a batch forward; shapes carry the runs first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import prod

from torch import Tensor
from torch.nn import functional

from core.errors import InvalidSpecError
from core.spec import CNN, MLP, Linear, NetworkSpec, ResNet, Torchvision
from worker.training.networks.base import Network, Slots
from worker.training.networks.convolutions import convolve
from worker.training.networks.layers import activate, apply_affine, apply_normalization, pool
from worker.training.networks.resnet import Residual
from worker.training.parameters import TensorSpec
from worker.training.step.forward_context import EVALUATION, ForwardContext

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    # In place: the affine map before it does not need its output again.
    "relu": lambda x: functional.relu(x, inplace=True),
    "tanh": lambda x: x.tanh(),
    "gelu": functional.gelu,
    "silu": functional.silu,
}


class Dense(Network):
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
        if widths and activation == "relu" and intercept and not normalized:
            self.rectified = (*self._hidden, "output")
        self.tensors = []
        for layer, (fan_in, units) in zip([*self._hidden, "output"], pairwise([inputs, *widths, outputs]), strict=True):
            self.tensors += _describe_affine(layer, fan_in, units)[: 2 if intercept else 1]
            if normalized and layer != "output":
                self.tensors += [
                    TensorSpec(layer, "gain", (1, units), constant=1.0),
                    TensorSpec(layer, "shift", (1, units)),
                ]

    def forward(self, x: Tensor, slots: Slots, passage: ForwardContext = EVALUATION) -> Tensor:
        x = x.flatten(2)
        if not self._hidden:
            x = passage.drop(x)
        for layer in self._hidden:
            x = _affine(x, layer, slots)
            if self._normalized:
                x = apply_normalization(x, slots[f"{layer}.gain"], slots[f"{layer}.shift"])
            x = passage.drop(activate(self._activation, x))
        return _affine(x, "output", slots)


class Convolutional(Network):
    """3×3 convolutions, each with activation and 2×2 maxima, then one hidden layer. Images are (H, W, C)."""

    def __init__(
        self, shape: tuple[int, int, int], channels: Sequence[int], hidden: int, outputs: int, activation: str
    ) -> None:
        self._activation = ACTIVATIONS[activation]
        self._convolutions = [f"conv{i + 1}" for i in range(len(channels))]
        self.tensors = []
        self.activations = hidden + outputs
        height, width, depth = shape
        for layer, units in zip(self._convolutions, channels, strict=True):
            self.tensors += _describe_affine(layer, 9 * depth, units)
            self.activations += height * width * (9 * depth + units)
            height, width, depth = height // 2, width // 2, units
        self.tensors += _describe_affine("hidden", height * width * depth, hidden)
        self.tensors += _describe_affine("output", hidden, outputs)

    def forward(self, x: Tensor, slots: Slots, passage: ForwardContext = EVALUATION) -> Tensor:
        for layer in self._convolutions:
            x = convolve(x, slots[f"{layer}.weight"], slots[f"{layer}.bias"])
            x = passage.drop(pool(activate(self._activation, x)))
        x = passage.drop(activate(self._activation, _affine(x.flatten(2), "hidden", slots)))
        return _affine(x, "output", slots)


def make_network(spec: NetworkSpec, shape: tuple[int, ...], outputs: int) -> Network:
    """``shape``: one example's, (features,) or (H, W, C).

    Raises InvalidSpecError for a network of images without images.
    """
    if isinstance(spec, CNN):
        return Convolutional(_take_images(spec, shape), spec.channels, spec.hidden, outputs, spec.activation)
    if isinstance(spec, Torchvision):
        # Here, because torchvision takes seconds to import, which a trainer's start need not wait for.
        from worker.training.networks.unstacked_network import TorchvisionNetwork

        return TorchvisionNetwork(spec.model, _take_images(spec, shape), outputs)
    if isinstance(spec, ResNet):
        return Residual(_take_images(spec, shape), spec.channels, spec.blocks, outputs)
    if isinstance(spec, MLP):
        return Dense(prod(shape), spec.widths, outputs, spec.activation, normalized=spec.normalization == "layer")
    assert isinstance(spec, Linear)
    return Dense(prod(shape), [], outputs, "relu", intercept=spec.intercept)


def _take_images(spec: CNN | ResNet | Torchvision, shape: tuple[int, ...]) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise InvalidSpecError(
            f"The network {spec.name} needs images (height, width, channels); the examples have shape {shape}.",
            field="network.name",
            expected="images",
            received=list(shape),
        )
    return shape[0], shape[1], shape[2]


def _describe_affine(layer: str, fan_in: int, units: int) -> list[TensorSpec]:
    return [
        TensorSpec(layer, "weight", (units, fan_in), fan_in),
        TensorSpec(layer, "bias", (1, units), fan_in),
    ]


def _affine(x: Tensor, layer: str, slots: Slots) -> Tensor:
    return apply_affine(x, slots[f"{layer}.weight"], slots.get(f"{layer}.bias"))


__all__ = ["ACTIVATIONS", "Network", "Slots", "make_network"]
