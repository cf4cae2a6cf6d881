"""What has no script yet, and is refused with a sentence."""

from __future__ import annotations

from collections.abc import Iterator

from backend.scripts.datasets import DATASETS
from backend.scripts.networks import NETWORKS
from backend.scripts.regularizers import REGULARIZERS
from core.errors import NoScriptError
from core.spec import BASELINE, FISTA, DatasetSpec, ExperimentSpec, Folds, PlannedRun, RegularizerBase

Acting = list[tuple[str, float, RegularizerBase]]


def list_regularizers(spec: ExperimentSpec, run: PlannedRun) -> Acting:
    """What acts on the run, by name, each with its strength: the fixed ones, then its own."""
    own: Acting = [(each.get_name(), run.strength, each) for each in spec.regularizers if each.key == run.regularizer]
    fixed: Acting = [(each.get_name(), each.values()[0], each) for each in spec.fixed]
    return fixed + own


def check_script(spec: ExperimentSpec, run: PlannedRun) -> None:
    """Raise NoScriptError, naming the field, where a part of the run has no script."""
    for what, field, received in _list_missing(spec, run):
        raise NoScriptError(
            f"There is no script of this run yet: {what} is not written as one.",
            field=field,
            expected="a run whose data set, network, optimizer and regularizers all have a script",
            received=received,
        )


def _list_missing(spec: ExperimentSpec, run: PlannedRun) -> Iterator[tuple[str, str, str]]:
    """What is missing, the field of the spec and its value."""
    yield from _list_missing_data(spec.dataset)
    if spec.network.name not in NETWORKS:
        yield f"the network {spec.network.name}", "network.name", spec.network.name
    yield from _list_missing_of_fista(spec)
    if spec.precision == "mixed":
        yield "mixed precision", "precision", spec.precision
    acting = list_regularizers(spec, run)
    names = [name for name, _, _ in acting]
    for name in names:
        if REGULARIZERS[name].missing:
            yield REGULARIZERS[name].missing, "regularizers", name
        if names.count(name) > 1:
            yield f"{name} twice, with different parameters,", "fixed", name
    shrinking = [name for name in names if REGULARIZERS[name].shrink]
    if len(shrinking) > 1:
        yield f"the joint proximal map of {' and '.join(shrinking)}", "fixed", shrinking[0]
    assert run.regularizer == BASELINE or run.regularizer in {each.key for each in spec.regularizers}


def _list_missing_of_fista(spec: ExperimentSpec) -> Iterator[tuple[str, str, str]]:
    if not isinstance(spec.optimizer, FISTA):
        return
    if spec.penalize_biases:
        yield "fista with penalties on biases", "penalize_biases", "true"
    if spec.clip_norm is not None:
        yield "fista with clipped gradients", "clip_norm", f"{spec.clip_norm:g}"


def _list_missing_data(dataset: DatasetSpec) -> Iterator[tuple[str, str, str]]:
    if dataset.name not in DATASETS:
        yield f"the data set {dataset.name}", "dataset.name", dataset.name
    if isinstance(dataset.split, Folds):
        yield "cross-validation in folds", "dataset.split", dataset.split.name
    if dataset.augmentation is not None:
        yield "the augmentation of images", "dataset.augmentation", "augmentation"
