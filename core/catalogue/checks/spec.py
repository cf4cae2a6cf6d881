"""Checks beyond the bounds of single fields: whether the parts of a spec are compatible."""

from __future__ import annotations

from math import prod

from core.catalogue.checks.convex import check_fista
from core.catalogue.checks.network import check_network
from core.catalogue.checks.training import check_training
from core.catalogue.datasets import DATASETS, check_split, count_examples, count_split
from core.catalogue.networks import MAX_WEIGHTS, count_weights
from core.errors import InvalidSpecError
from core.planning import MAX_RUNS_PER_JOB
from core.spec import ExperimentSpec

# Of the rows that a trainer holds, where splits differ in theirs.
MAX_DATA_BYTES = 16_000_000_000


def check_spec(spec: ExperimentSpec) -> None:
    """Raise InvalidSpecError, naming the field, where the catalogue does not allow ``spec``."""
    check_network(spec)
    _check_split(spec)
    _check_memory(spec)
    check_fista(spec)
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


def _check_split(spec: ExperimentSpec) -> None:
    check_split(spec.dataset, *count_examples(spec.dataset))
    target, task = spec.dataset.target, DATASETS[spec.dataset.name].task
    if target is not None and task != "regression":
        raise InvalidSpecError(
            f"What is done to the target applies to a regression; {spec.dataset.name} has classes.",
            field="dataset.target",
            expected="nothing here, or a regression as the data set",
            received=target,
        )
    if spec.dataset.label_noise and task == "regression":
        raise InvalidSpecError(
            f"Label noise draws other classes; {spec.dataset.name} is a regression.",
            field="dataset.label_noise",
            expected="0, or a data set with classes",
            received=spec.dataset.label_noise,
        )


def _check_memory(spec: ExperimentSpec) -> None:
    """Each split's rows are scaled on their own, so a trainer holds as many copies as there are."""
    entry, split = DATASETS[spec.dataset.name], spec.dataset.split
    copies = len({split.find_rows(*replicate) for replicate in spec.list_replicates()})
    rows = sum(count_split(spec.dataset).model_dump().values())
    size = copies * rows * prod(entry.shape) * (8 if spec.precision == "float64" else 4)
    if copies > 1 and size > MAX_DATA_BYTES:
        raise InvalidSpecError(
            f"{copies} splits of {entry.name} are {size / 1e9:.0f} GB, and a trainer holds all of them; an experiment "
            f"may have at most {MAX_DATA_BYTES / 1e9:.0f} GB.",
            field="dataset.split",
            expected="fewer folds or seeds, fewer examples, or a fixed split",
            received=split.model_dump(),
        )


def _check_regularizers(spec: ExperimentSpec) -> None:
    if DATASETS[spec.dataset.name].classes is not None:
        return
    for field, regularizer in spec.locate_regularizers():
        if regularizer.needs_classes:
            raise InvalidSpecError(
                f"{regularizer.label} needs classes; {spec.dataset.name} is a regression.",
                field=f"{field}.name",
                expected="another regularizer, or a data set with classes",
                received=regularizer.name,
            )


def _check_halving(spec: ExperimentSpec) -> None:
    """Halving ranks all strengths of a regularizer, so they must fit into one job."""
    replicates, names = spec.count_replicates(), _name_replicates(spec)
    for index, regularizer in enumerate(spec.regularizers if spec.halving else []):
        runs = len(regularizer.values()) * replicates
        if runs > MAX_RUNS_PER_JOB:
            raise InvalidSpecError(
                f"With halving a regularizer may have at most {MAX_RUNS_PER_JOB} runs; {regularizer.key} has {runs}.",
                field=f"regularizers.{index}.strengths",
                expected=f"at most {MAX_RUNS_PER_JOB // replicates} strengths with {names}, or no halving",
                received=len(regularizer.values()),
            )


def _name_replicates(spec: ExperimentSpec) -> str:
    seeds, folds = len(spec.list_seeds()), spec.dataset.split.count()
    return f"{seeds} seeds" if folds == 1 else f"{seeds} × {folds} seeds and folds"
