"""Every network, and how many weights it has: arithmetic, no torch."""

from __future__ import annotations

from itertools import pairwise

from core.catalogue.datasets import DATASETS
from core.catalogue.entries import Network
from core.catalogue.parameters import derive_parameters
from core.spec import CNN, MLP, ExperimentSpec, Linear, NetworkSpec

NETWORKS: dict[str, Network] = {
    entry.name: entry
    for entry in (
        Network(
            name="linear",
            label="Linear",
            help="One affine map: logistic regression for classes, least squares for a number.",
            source="Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, ch. 3 and 4",
            parameters=derive_parameters(Linear),
        ),
        Network(
            name="mlp",
            label="Multi-layer perceptron",
            help="Fully connected layers with a non-linearity between: the more units, the easier it over-fits.",
            source="Rumelhart, Hinton & Williams 1986, Nature 323",
            parameters=derive_parameters(MLP),
        ),
        Network(
            name="cnn",
            label="Convolutional network",
            help="3×3 convolutions, each followed by 2×2 max-pooling, then one hidden layer; for images.",
            source="LeCun et al. 1998, Proc. IEEE 86(11)",
            images_only=True,
            parameters=derive_parameters(CNN),
        ),
    )
}


def count_outputs(spec: ExperimentSpec) -> int:
    """Of the spec's network on its data set."""
    return choose_outputs(spec.network, DATASETS[spec.dataset.name].classes)


def choose_outputs(network: NetworkSpec, classes: int | None) -> int:
    """A logit per class, or the one number of a regression (``classes`` None).

    A linear network has one logit for two classes, as scikit-learn's: with two, penalties would count weights twice.
    """
    if classes == 2 and isinstance(network, Linear):
        return 1
    return classes or 1


def count_weights(spec: ExperimentSpec) -> int:
    """All trainable numbers of one network on its data set: weights, biases and normalization."""
    shape = DATASETS[spec.dataset.name].shape
    outputs = count_outputs(spec)
    match spec.network:
        case MLP(widths=widths, normalization=normalization):
            scale_and_shift = 2 * sum(widths) if normalization == "layer" else 0
            return _count_dense([_multiply(shape), *widths, outputs]) + scale_and_shift
        case CNN():
            return _count_cnn(spec.network, shape, outputs)
        case Linear(intercept=intercept):
            return (_multiply(shape) + intercept) * outputs
        case _:
            return _count_dense([_multiply(shape), outputs])


def _multiply(shape: list[int]) -> int:
    result = 1
    for size in shape:
        result *= size
    return result


def _count_dense(widths: list[int]) -> int:
    return sum((inputs + 1) * units for inputs, units in pairwise(widths))


def _count_cnn(network: CNN, shape: list[int], outputs: int) -> int:
    height, width, channels = shape
    total = 0
    for units in network.channels:
        total += (9 * channels + 1) * units
        height, width, channels = height // 2, width // 2, units
    return total + _count_dense([height * width * channels, network.hidden, outputs])
