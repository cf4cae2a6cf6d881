"""Cost model of an epoch, fitted to measurements of this engine. Pure."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from core.catalogue import DATASETS, count_outputs, count_split, count_weights
from core.spec import CNN, ExperimentSpec, ResNet, Torchvision
from core.spec.regularizer import SAM

# Seconds on one core of a server of 2024, fitted to sweeps of every kind of network over 11 to 300,000 weights.
# A step of a stack costs this however little is in it,
_STEP = 3.5e-4
# an example of a run this, however small its network,
_EXAMPLE = 2e-7
# a product of a weight and an example this, forward and backward,
_PRODUCT = 4e-10
# of a convolution, whose parts are small, more;
_CONVOLVED = 1.8
# and a weight this: its gradient, its penalty, and the optimizer's own numbers.
_WEIGHT = 1e-9
# After each epoch the validation examples go forward once, which costs this share of going both ways.
_FORWARD = 0.35
# Where models of others are trained nobody counts; every weight of a convolution is used at some places of the image.
_PLACES = 64


def predict_seconds(spec: ExperimentSpec, runs: float, run_epochs: float) -> float:
    """Predicted seconds of a job of ``runs`` runs and ``run_epochs`` epochs × runs, as one stack on one core."""
    split = count_split(spec.dataset)
    steps = -(-split.train // spec.choose_batch_size(split.train))
    trained = split.train * _cost_example(spec) + steps * count_weights(spec) * _WEIGHT
    evaluated = _FORWARD * split.validation * _cost_example(spec)
    return run_epochs * (_count_passes(spec) * (steps * _STEP / max(runs, 1) + trained) + evaluated)


def _cost_example(spec: ExperimentSpec) -> float:
    convolved = _CONVOLVED if isinstance(spec.network, CNN | ResNet | Torchvision) else 1.0
    return _EXAMPLE + _PRODUCT * convolved * count_products(spec)


def count_products(spec: ExperimentSpec) -> int:
    """Multiplications by weights for one example."""
    shape, outputs = DATASETS[spec.dataset.name].shape, count_outputs(spec)
    match spec.network:
        case CNN(channels=channels, hidden=hidden):
            return _count_cnn(shape, channels, hidden, outputs)
        case ResNet(channels=channels, blocks=blocks):
            return _count_resnet(shape, channels, blocks) + channels[-1] * outputs
        case Torchvision():
            return _PLACES * count_weights(spec)
    return count_weights(spec)


def _count_cnn(shape: list[int], channels: list[int], hidden: int, outputs: int) -> int:
    height, width, depth = shape
    total = 0
    for units in channels:
        total += 9 * depth * units * height * width
        height, width, depth = height // 2, width // 2, units
    return total + sum(inputs * units for inputs, units in pairwise([height * width * depth, hidden, outputs]))


def _count_resnet(shape: list[int], channels: list[int], blocks: int) -> int:
    places, depth = prod(shape[:2]), channels[0]
    total = 9 * shape[2] * depth * places
    for stage, units in enumerate(channels):
        places = places if stage == 0 else max(1, places // 4)
        for _ in range(blocks):
            total += 9 * (depth + units) * units * places
            depth = units
    return total


def _count_passes(spec: ExperimentSpec) -> float:
    """Mean passes over each batch: SAM makes two, in its own runs or, if fixed, in all."""
    if any(isinstance(regularizer, SAM) for regularizer in spec.fixed):
        return 2.0
    twice = sum(len(regularizer.values()) for regularizer in spec.regularizers if isinstance(regularizer, SAM))
    return 1 + twice * spec.count_replicates() / spec.count_runs()
