"""Whether the network is compatible with the rest of a spec."""

from __future__ import annotations

from core.catalogue.datasets import DATASETS
from core.catalogue.torchvision_models import TORCHVISION_MODELS, find_close
from core.errors import InvalidSpecError
from core.spec import CNN, ExperimentSpec, ResNet, Torchvision


def check_network(spec: ExperimentSpec) -> None:
    """Raise InvalidSpecError, naming the field, where the network is incompatible with the rest of ``spec``."""
    if isinstance(spec.network, Torchvision):
        _check_model(spec.network)
    if isinstance(spec.network, CNN | ResNet | Torchvision):
        _check_images(spec)
    if isinstance(spec.network, CNN):
        _check_depth(spec, spec.network)
    if not isinstance(spec.network, ResNet):
        _check_branches(spec)


def _check_model(network: Torchvision) -> None:
    if network.model not in TORCHVISION_MODELS:
        close = ", ".join(f"torchvision:{name}" for name in find_close(network.model))
        raise InvalidSpecError(
            f"torchvision has no classification network {network.model}; there are for instance {close}.",
            field="network.name",
            expected=f"the name of a classification network, such as {close}",
            received=network.name,
        )


def _check_images(spec: ExperimentSpec) -> None:
    entry = DATASETS[spec.dataset.name]
    if len(entry.shape) != 3:
        images = ", ".join(name for name, other in DATASETS.items() if len(other.shape) == 3)
        raise InvalidSpecError(
            f"The network {spec.network.name} needs images ({images}); {entry.name} has none.",
            field="network.name",
            expected="linear or mlp, or a data set of images",
            received=spec.network.name,
        )


def _check_depth(spec: ExperimentSpec, network: CNN) -> None:
    entry = DATASETS[spec.dataset.name]
    deepest = min(entry.shape[:2]).bit_length() - 1
    depth = len(network.channels)
    if depth > deepest:
        raise InvalidSpecError(
            f"Each convolution halves the image, so {entry.name} allows {deepest}; received {depth}.",
            field="network.channels",
            expected=f"at most {deepest} convolutions",
            received=network.channels,
        )


def _check_branches(spec: ExperimentSpec) -> None:
    for field, regularizer in spec.locate_regularizers():
        if regularizer.needs_branches:
            raise InvalidSpecError(
                f"{regularizer.label} needs residual branches, which {spec.network.name} does not have.",
                field=f"{field}.name",
                expected="another regularizer, or the network resnet",
                received=regularizer.name,
            )
