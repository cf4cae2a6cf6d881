"""A run's script prints the curve that the engine recorded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backend.scripts.datasets import DATASETS
from backend.scripts.script import make_script
from core.catalogue import REGULARIZERS
from core.planning import plan_runs
from core.spec import ExperimentSpec
from core.spec.regularizer import REGULARIZER_CLASSES
from tests.backend.scripts.running import compare_curves, read_recorded, run_script
from tests.worker.training.sweeps import NETWORKS, OPTIMIZERS, WITHOUT_CLASSES, collect, make_spec, regularize

# It acts on residual branches, which neither network has.
WITHOUT_SCRIPT = {"stochastic_depth"}
PRECISIONS = ("float32", "float64")
STRONG: dict[str, list[float]] = {
    "max_norm": [0.3, 1.0], "dropout": [0.0, 0.5], "label_smoothing": [0.2], "mixup": [0.0, 0.4],
    "gaussian_noise": [0.3], "sam": [0.05], "early_stopping": [1, 2],
}  # fmt: skip


def vary(name: str) -> list[dict[str, Any]]:
    """The regularizer with strengths that tell, once for each of its parameters."""
    parameters: dict[str, list[dict[str, Any]]] = {
        "elastic_net": [{"mixing": 0.3}, {"mixing": 1.0}],
        "tensor_norm": [{"p": 1}, {"p": 2}],
    }
    strengths = STRONG.get(name, [0.0, 0.01, 0.1])
    return [{"name": name, "strengths": strengths, **each} for each in parameters.get(name, [{}])]


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("network", ["linear", "mlp"])
@pytest.mark.parametrize("name", [name for name in REGULARIZERS if name not in WITHOUT_SCRIPT])
def test_every_regularizer(name: str, network: str, precision: str) -> None:
    regularizers = vary(name) if name in REGULARIZER_CLASSES else []
    # A rate at which the validation loss rises again, so that early stopping has something to stop.
    changes: dict[str, Any] = (
        {"optimizer": {"name": "adam", "learning_rate": 0.1}, "epochs": 12} if name == "early_stopping" else {}
    )
    assert compare_curves(make_spec(network, regularizers=regularizers, precision=precision, **changes)) >= 1


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer(optimizer: str, precision: str) -> None:
    regularizers = regularize("l1", "group_lasso", "weight_decay", "l2", "max_norm", strengths=(0.1,))
    compare_curves(make_spec("mlp", optimizer, regularizers=regularizers, precision=precision))


@pytest.mark.parametrize("network", ["linear", "mlp"])
@pytest.mark.parametrize("dataset", DATASETS)
def test_every_data_set(dataset: str, network: str) -> None:
    names = [name for name in WITHOUT_CLASSES if name not in WITHOUT_SCRIPT]
    if dataset != "diabetes":
        names.append("label_smoothing")
    data = {"name": dataset, "train_examples": 40, "split_seed": 3}
    compare_curves(make_spec(network, dataset=data, regularizers=regularize(*names), precision="float64"))


@pytest.mark.parametrize(
    "data",
    [
        {"name": "digits", "standardize": False, "divide_by": 16.0, "validation_examples": 30, "test_examples": 50},
        {"name": "wine", "standardize": False},
        {"name": "wine", "use_all_rows": True},
        {"name": "digits", "train_examples": 60, "label_noise": 0.4, "split_seed": 5},
        {"name": "moons", "samples": 90, "noise": 0.1, "split_seed": 2},
        {"name": "spirals", "samples": 90, "noise": 0.0},
        {"name": "digits", "split": {"name": "by_seed"}, "split_seed": 3, "label_noise": 0.2, "train_examples": 60},
        {"name": "moons", "split": {"name": "by_seed"}, "samples": 90},
        {"name": "wine", "split": {"name": "fixed", "shuffled": False}, "train_examples": 50},
        {"name": "diabetes", "target": "center"},
        {"name": "diabetes", "target": "as_is"},
        {"name": "diabetes", "standardize": False, "target": "standardize"},
    ],
)
def test_every_way_to_prepare_data(data: dict[str, Any]) -> None:
    seeds = [4] if "split" in data else 1
    compare_curves(make_spec("mlp", dataset=data, regularizers=[], precision="float64", epochs=2, seeds=seeds))


CHANGES: dict[str, dict[str, Any]] = {
    "whole batches": {"batch_size": "full"},
    "in order": {"shuffle": False},
    "clipped": {"clip_norm": 0.05},
    "warm-up": {"schedule": {"name": "constant", "warmup_epochs": 1.5}},
    "cosine": {"schedule": {"name": "cosine", "warmup_epochs": 1, "final": 0.1}},
    "cosine to 0": {"schedule": {"name": "cosine"}},
    "steps": {"schedule": {"name": "step", "every": 1, "factor": 0.3, "warmup_epochs": 0.5}},
    "biases too": {"penalize_biases": True},
    "other seed": {"seeds": [5]},
    "bare layers": {"network": {"name": "mlp", "widths": [20], "activation": "relu"}},
    "gelu": {"network": {"name": "mlp", "widths": [20, 9], "activation": "gelu"}},
    "silu": {"network": {"name": "mlp", "widths": [20], "activation": "silu"}},
    "no intercept": {"network": {"name": "linear", "intercept": False}},
    "fixed": {"fixed": [{"name": "dropout", "strengths": [0.2]}, {"name": "max_norm", "strengths": [1.5]}]},
}


@pytest.mark.parametrize("optimizer", ["nesterov", "adagrad"])
@pytest.mark.parametrize("change", CHANGES)
def test_every_option(change: str, optimizer: str) -> None:
    regularizers = regularize("l1", "group_lasso", "weight_decay", "tensor_norm_2", "sam", "mixup", strengths=(0.05,))
    compare_curves(make_spec("mlp", optimizer, regularizers=regularizers, precision="float64", **CHANGES[change]))


def test_whatever_acts_together() -> None:
    fixed = [{"name": name, "strengths": [0.02]} for name in ("l2", "dropout", "label_smoothing", "mixup", "sam")]
    for name, options in NETWORKS.items():
        if name in ("linear", "mlp"):
            regularizers = regularize("l1", "weight_decay", "tensor_norm_1", "gaussian_noise", strengths=(0.1,))
            compare_curves(make_spec(network=options, fixed=fixed, regularizers=regularizers, precision="float64"))


def test_a_linear_network_of_two_classes_has_one_logit() -> None:
    spec: ExperimentSpec = make_spec("linear", dataset={"name": "breast_cancer"}, precision="float64", epochs=2)
    compare_curves(spec)


PENALTIES = [
    {"name": "l1", "strengths": [0.01, 0.2]},
    {"name": "l2", "strengths": [0.02]},
    {"name": "elastic_net", "mixing": 0.4, "strengths": [0.02]},
    {"name": "group_lasso", "strengths": [0.02]},
]
FIRST, LAST = 6, 600


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("dataset", ["diabetes", "breast_cancer", "wine", "moons"])
def test_fista_begins_alike_and_comes_to_the_same_optimum(dataset: str, intercept: bool) -> None:
    """Between, steps that lengthen as far as the loss allows amplify whatever rounding there is."""
    changes: dict[str, Any] = {"batch_size": "full", "precision": "float64", "optimizer": {"name": "fista"}}
    network = {"name": "linear", "intercept": intercept}
    fixed = [{"name": "l2", "strengths": [0.01]}]
    data = {"name": dataset}
    sweeps: list[dict[str, Any]] = [
        {"regularizers": PENALTIES, "epochs": LAST},
        {"regularizers": PENALTIES[:1], "fixed": fixed, "epochs": FIRST},
    ]
    for options in sweeps:
        spec = make_spec(dataset=data, network=network, **options | changes)
        runs = plan_runs(spec)
        events = collect(spec, runs=runs)
        for index, run in enumerate(runs):
            printed, recorded = run_script(make_script(spec, run, "A test")), read_recorded(events, index)
            np.testing.assert_allclose(printed[:FIRST], recorded[:FIRST], rtol=1e-9, atol=1e-9, err_msg=str(run))
            if run.strength and spec.epochs == LAST:
                np.testing.assert_allclose(printed[-1], recorded[-1], rtol=1e-7, atol=1e-7, err_msg=str(run))
