"""The largest useful strength of a linear model: from there on every weight is exactly 0, and below not."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from torch import Tensor
from torch.nn import functional

from core.catalogue import choose_outputs
from core.planning import plan_runs
from core.spec import Linear
from tests.worker.training.sweeps import REGULARIZERS, make_spec, make_sweep
from worker.training.data import Dataset, Examples
from worker.training.regularizers import Regularizer, make_regularizer
from worker.training.regularizers.gradient_at_zero import compute_slope

LOADERS = {"diabetes": load_diabetes, "wine": load_wine, "breast_cancer": load_breast_cancer}
# Who has one; the others' optimum is never 0, or they have no objective.
NAMES = ["l1", "l1_subgradient", "elastic_net", "group_lasso", "tensor_norm_1", "tensor_norm_2"]
every_dataset = pytest.mark.parametrize("dataset", LOADERS)


def load(dataset: str) -> Dataset:
    """All rows, standardized; validation and test, which nobody reads here, are one."""
    x, y = LOADERS[dataset](return_X_y=True)
    regression = dataset == "diabetes"
    features = torch.as_tensor((x - x.mean(0)) / x.std(0))
    target = torch.as_tensor((y - y.mean()) / y.std() if regression else y.astype(np.int64))
    few = Examples(features[:1], target[:1])
    return Dataset(Examples(features, target), few, few, (x.shape[1],), None if regression else int(y.max()) + 1)


def make(name: str, runs: int = 1) -> Regularizer:
    parameters = dict(REGULARIZERS[name])
    return make_regularizer(parameters.pop("name"), torch.ones(runs, dtype=torch.float64), parameters)


def measure(dataset: str, outputs: int | None = None, intercept: bool = True) -> Tensor:
    data = load(dataset)
    outputs = outputs or choose_outputs(Linear(name="linear"), data.classes)
    return compute_slope(data.train.x, data.train.y, outputs, intercept)


def test_which_regularizers_have_a_largest_strength() -> None:
    slope = measure("wine")
    found = [name for name in REGULARIZERS if make(name).find_largest_strength(slope) is not None]
    assert sorted(found) == sorted(NAMES)
    ridge = make_regularizer("elastic_net", torch.ones(1), {"mixing": 0.0})
    assert ridge.find_largest_strength(slope) is None


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("dataset", "outputs"), [("diabetes", 1), ("wine", 3), ("breast_cancer", 2)])
def test_the_slope_is_autograds_at_no_weights_and_the_best_intercept(
    dataset: str, outputs: int, intercept: bool
) -> None:
    data = load(dataset).train
    weight = torch.zeros(outputs, data.x.shape[1], dtype=torch.float64, requires_grad=True)
    best = data.y.mean() if outputs == 1 else data.y.bincount().double().log()
    bias = (best * intercept).expand(outputs).clone().requires_grad_()
    predictions = functional.linear(data.x, weight, bias)
    loss = (
        (predictions[:, 0] - data.y).square().mean() / 2
        if outputs == 1
        else functional.cross_entropy(predictions, data.y)
    )
    loss.backward()
    assert bias.grad is not None
    assert not intercept or bias.grad.abs().max() < 1e-15
    torch.testing.assert_close(compute_slope(data.x, data.y, outputs, intercept), weight.grad, rtol=1e-12, atol=1e-14)


def test_one_logit_for_two_classes_has_the_slope_of_class_1() -> None:
    for intercept in (True, False):
        one, two = (measure("breast_cancer", outputs, intercept) for outputs in (1, 2))
        torch.testing.assert_close(one[0], two[1], rtol=1e-12, atol=1e-15)


def test_the_largest_strength_on_breast_cancer_is_the_certified_one() -> None:
    assert make("l1").find_largest_strength(measure("breast_cancer")) == pytest.approx(0.383683, abs=5e-7)


@every_dataset
@pytest.mark.parametrize("name", NAMES)
def test_the_largest_strength_is_the_least_without_a_direction_of_descent(name: str, dataset: str) -> None:
    """The objective's derivative at 0 along d is ⟨slope, d⟩ + λ·Ω′(d): λ_max is the largest −⟨slope, d⟩/Ω′(d)."""
    slope = measure(dataset)
    single = torch.diag(-slope.flatten()).view(-1, *slope.shape)
    rows = torch.eye(len(slope))[:, :, None] * -slope
    random = torch.randn(200, *slope.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ways = torch.cat([-slope[None], single, rows, random]) * 1e-9
    ratios = -(ways * slope).flatten(1).sum(1) / make(name, len(ways)).compute_omega([ways])
    assert make(name).find_largest_strength(slope) == pytest.approx(float(ratios.max()), rel=1e-7)


@pytest.mark.parametrize("name", ["l1", "elastic_net", "group_lasso"])
@pytest.mark.parametrize(
    ("dataset", "intercept"), [("diabetes", True), ("wine", True), ("wine", False), ("breast_cancer", True)]
)
def test_at_the_largest_strength_every_weight_trains_to_exactly_0_and_just_below_not(
    name: str, dataset: str, intercept: bool
) -> None:
    """Whole batches, from a random start."""
    data, largest = load(dataset), make(name).find_largest_strength(measure(dataset, intercept=intercept))
    assert largest is not None
    spec = make_spec(
        network={"name": "linear", "intercept": intercept},
        optimizer={"name": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
        regularizers=[{**REGULARIZERS[name], "strengths": [largest * (1 + 1e-9), largest * 0.99]}],
        batch_size="full",
        precision="float64",
    )
    sweep = make_sweep(spec, plan_runs(spec)[1:], data=data)
    for epoch in range(1, 601):
        sweep.train_epoch(epoch)
    at, below = (run["output.weight"] for run in sweep.read_parameters())
    assert (at == 0).all()
    assert (below != 0).any()
