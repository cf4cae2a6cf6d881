"""What a spec's own bounds cannot tell: whether its parts fit one another."""

from __future__ import annotations

from core.catalogue.datasets import DATASETS, count_split
from core.catalogue.networks import count_weights
from core.catalogue.training import check_training
from core.errors import InvalidSpecError
from core.planning import MAX_RUNS_PER_JOB
from core.spec import CNN, ExperimentSpec

# One run's parameters, gradients and moments in float32 then take about a gigabyte.
MAX_WEIGHTS = 50_000_000


def check_spec(spec: ExperimentSpec) -> None:
    """Raise InvalidSpecError, naming the field, where the catalogue does not allow ``spec``."""
    _check_network(spec)
    _check_split(spec)
    check_training(spec)
    _check_regularizers(spec)
    _check_halving(spec)
    weights = count_weights(spec)
    if weights > MAX_WEIGHTS:
        raise InvalidSpecError(
            f"A network may have at most {MAX_WEIGHTS} weights; this one has {weights}.",
            field="network",
            expected=f"at most {MAX_WEIGHTS} weights",
            received=weights,
        )


def _check_network(spec: ExperimentSpec) -> None:
    if not isinstance(spec.network, CNN):
        return
    entry = DATASETS[spec.dataset.name]
    if len(entry.shape) != 3:
        images = ", ".join(name for name, other in DATASETS.items() if len(other.shape) == 3)
        raise InvalidSpecError(
            f"A cnn needs images ({images}); {entry.name} has none.",
            field="network.name",
            expected="linear or mlp, or a data set of images",
            received="cnn",
        )
    deepest = min(entry.shape[:2]).bit_length() - 1
    depth = len(spec.network.channels)
    if depth > deepest:
        raise InvalidSpecError(
            f"Each convolution halves the image, so {entry.name} allows {deepest}; received {depth}.",
            field="network.channels",
            expected=f"at most {deepest} convolutions",
            received=spec.network.channels,
        )


def _check_split(spec: ExperimentSpec) -> None:
    wanted = spec.dataset.train_examples
    available = count_split(spec.dataset.model_copy(update={"train_examples": None})).train
    if available < 2:
        raise InvalidSpecError(
            f"The split leaves {available} examples to train on; at least 2 are needed.",
            field="dataset.validation_fraction",
            expected="shares that leave examples to train on",
            received=spec.dataset.validation_fraction,
        )
    if wanted is not None and wanted > available:
        raise InvalidSpecError(
            f"{spec.dataset.name} has {available} examples to train on with this split; received {wanted}.",
            field="dataset.train_examples",
            expected=f"at most {available}",
            received=wanted,
        )


def _check_regularizers(spec: ExperimentSpec) -> None:
    if DATASETS[spec.dataset.name].classes is not None:
        return
    for field, listed in (("regularizers", spec.regularizers), ("fixed", spec.fixed)):
        for index, regularizer in enumerate(listed):
            if regularizer.name == "label_smoothing":
                raise InvalidSpecError(
                    f"Label smoothing needs classes; {spec.dataset.name} is a regression.",
                    field=f"{field}.{index}.name",
                    expected="another regularizer, or a data set with classes",
                    received=regularizer.name,
                )


def _check_halving(spec: ExperimentSpec) -> None:
    """It ranks all strengths of a regularizer, so they train in one job."""
    seeds = len(spec.list_seeds())
    for index, regularizer in enumerate(spec.regularizers if spec.halving else []):
        runs = len(regularizer.values()) * seeds
        if runs > MAX_RUNS_PER_JOB:
            raise InvalidSpecError(
                f"With halving a regularizer may have at most {MAX_RUNS_PER_JOB} runs; {regularizer.key} has {runs}.",
                field=f"regularizers.{index}.strengths",
                expected=f"at most {MAX_RUNS_PER_JOB // seeds} strengths with {seeds} seeds, or no halving",
                received=len(regularizer.values()),
            )
