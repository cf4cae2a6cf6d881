"""The catalogue of networks, and their numbers of weights, without torch."""

from __future__ import annotations

from itertools import pairwise

from core.catalogue.datasets import DATASETS
from core.catalogue.form_fields import derive_parameters
from core.catalogue.schemas import Network
from core.catalogue.torchvision_models import TORCHVISION_MODELS
from core.spec import CNN, MLP, ExperimentSpec, Linear, NetworkSpec, ResNet, Torchvision

# One run's parameters, gradients and moments in float32 then take about a gigabyte.
MAX_WEIGHTS = 50_000_000

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
        Network(
            name="resnet",
            label="Residual network",
            help="A 3×3 convolution, then stages of blocks of two more, each with batch normalization and the block's "
            "input added to its output; for images.",
            source="He et al. 2016, arXiv 1512.03385; Ioffe & Szegedy 2015, arXiv 1502.03167",
            images_only=True,
            parameters=derive_parameters(ResNet),
        ),
        Network(
            name="torchvision",
            label="A network of torchvision",
            help="Any classification network of torchvision at its random start, one run after another, without "
            "dropout of its own; for images.",
            source="TorchVision maintainers and contributors 2016, github.com/pytorch/vision",
            images_only=True,
            parameters=derive_parameters(Torchvision),
            models=[name for name, model in TORCHVISION_MODELS.items() if model.body < MAX_WEIGHTS],
        ),
    )
}


def count_outputs(spec: ExperimentSpec) -> int:
    """The number of outputs of the spec's network on its data set."""
    return choose_outputs(spec.network, DATASETS[spec.dataset.name].classes)


def name_outputs(spec: ExperimentSpec) -> list[str]:
    """The names of outputs: classes; a single logit has the second class's, a regression the name target."""
    names = DATASETS[spec.dataset.name].class_names or ["target"]
    return names[1:] if len(names) == 2 and count_outputs(spec) == 1 else names


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
        case ResNet():
            return _count_resnet(spec.network, shape, outputs)
        case Torchvision(model=name):
            model = TORCHVISION_MODELS[name]
            return model.body + model.per_class * outputs
        case Linear(intercept=intercept):
            return (_multiply(shape) + intercept) * outputs


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


def _count_resnet(network: ResNet, shape: list[int], outputs: int) -> int:
    depth = network.channels[0]
    total = (9 * shape[2] + 2) * depth
    for stage, units in enumerate(network.channels):
        for block in range(network.blocks):
            reshapes = depth != units or (stage > 0 and block == 0)
            total += (9 * depth + 2) * units + (9 * units + 2) * units + (depth + 2) * units * reshapes
            depth = units
    return total + _count_dense([depth, outputs])
