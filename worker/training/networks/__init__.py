"""Every network by name, one file each: M runs at once, shapes with the runs first."""

from __future__ import annotations

from math import prod

from core.errors import InvalidSpecError
from core.spec import CNN, MLP, Linear, NetworkSpec, ResNet, Torchvision
from worker.training.networks.base import Network, Slots
from worker.training.networks.cnn import ConvolutionalNetwork
from worker.training.networks.mlp import MultilayerPerceptron
from worker.training.networks.resnet import ResidualNetwork


def make_network(spec: NetworkSpec, shape: tuple[int, ...], outputs: int) -> Network:
    """``shape``: one example's, (features,) or (H, W, C).

    Raises InvalidSpecError for a network of images without images.
    """
    if isinstance(spec, CNN):
        return ConvolutionalNetwork(_take_images(spec, shape), spec.channels, spec.hidden, outputs, spec.activation)
    if isinstance(spec, Torchvision):
        # Here, because torchvision takes seconds to import, which a trainer's start need not wait for.
        from worker.training.networks.unstacked_network import TorchvisionNetwork

        return TorchvisionNetwork(spec.model, _take_images(spec, shape), outputs)
    if isinstance(spec, ResNet):
        return ResidualNetwork(_take_images(spec, shape), spec.channels, spec.blocks, outputs)
    if isinstance(spec, MLP):
        return MultilayerPerceptron(
            prod(shape), spec.widths, outputs, spec.activation, normalized=spec.normalization == "layer"
        )
    assert isinstance(spec, Linear)
    return MultilayerPerceptron(prod(shape), [], outputs, "relu", intercept=spec.intercept)


def _take_images(spec: CNN | ResNet | Torchvision, shape: tuple[int, ...]) -> tuple[int, int, int]:
    if len(shape) != 3:
        raise InvalidSpecError(
            f"The network {spec.name} needs images (height, width, channels); the examples have shape {shape}.",
            field="network.name",
            expected="images",
            received=list(shape),
        )
    return shape[0], shape[1], shape[2]


__all__ = ["Network", "Slots", "make_network"]
