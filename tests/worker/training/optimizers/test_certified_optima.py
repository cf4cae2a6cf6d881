"""Certified optima of convex problems: nothing but the right method reaches them.

Checks 1 to 4 of the reference for regularizers, through the engine that trains networks, in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import Lasso, Ridge
from sklearn.preprocessing import StandardScaler

from core.planning import plan_runs
from tests.worker.training.sweeps import collect, get_completed, get_epochs, make_spec, make_sweep
from worker.training.data import Dataset, Examples
from worker.training.sweep import Sweep

FISTA = {"name": "fista"}
MOMENTUM = {"name": "sgd", "learning_rate": 0.3, "momentum": 0.95, "nesterov": True}
ADAGRAD = {"name": "adagrad", "learning_rate": 0.5}
# 1 / (n·C) for C = 0.01 and 0.1.
HALVES = [1 / (1797 * 0.01), 1 / (1797 * 0.1)]


def make_data(x: np.ndarray, y: np.ndarray, classes: int | None) -> Dataset:
    """All rows train, validate and test, standardized over all rows."""
    examples = Examples(torch.as_tensor(StandardScaler().fit_transform(x)), torch.as_tensor(y))
    return Dataset(examples, examples, examples, (x.shape[1],), classes)


def load_halves() -> Dataset:
    """Digits 0 to 4 against 5 to 9, which no spec names."""
    x, y = load_digits(return_X_y=True)
    return make_data(x, (y >= 5).astype(np.int64), 2)


def fit(
    data: Dataset, name: str, strengths: list[float], epochs: int, optimizer: dict[str, Any] = FISTA
) -> tuple[Sweep, dict[str, np.ndarray]]:
    """``epochs`` steps on all examples at once; the last metrics of the runs but the baseline's."""
    spec = make_spec(
        "linear",
        optimizer=optimizer,
        regularizers=[{"name": name, "strengths": strengths}],
        batch_size="full",
        precision="float64",
        epochs=epochs,
    )
    sweep = make_sweep(spec, plan_runs(spec)[1:], data=data)
    for epoch in range(1, epochs + 1):
        metrics = sweep.train_epoch(epoch).metrics
    return sweep, metrics


def count_zeros(sweep: Sweep) -> list[int]:
    return [int((run["output.weight"] == 0).sum()) for run in sweep.read_parameters()]


@pytest.mark.parametrize(("optimizer", "epochs"), [(FISTA, 100), (MOMENTUM, 300)], ids=["fista", "momentum"])
def test_the_lasso_on_digits_reaches_the_certified_optimum(optimizer: dict[str, Any], epochs: int) -> None:
    """Check 1."""
    sweep, metrics = fit(load_halves(), "l1", HALVES, epochs, optimizer)
    assert count_zeros(sweep) == [55, 25]
    assert metrics["train_loss"][0] + metrics["penalty"][0] == pytest.approx(0.5788868, rel=1e-7)
    assert metrics["train_score"].tolist() == pytest.approx([0.8631, 0.9048], abs=5e-5)


def test_the_lassos_subgradient_reaches_no_exact_zero() -> None:
    """Check 3, all of its 20,000 steps."""
    sweep, metrics = fit(load_halves(), "l1_subgradient", HALVES, 20_000, {"name": "sgd", "learning_rate": 0.05})
    assert count_zeros(sweep) == [0, 0]
    assert metrics["train_loss"][0] + metrics["penalty"][0] == pytest.approx(0.5788868, rel=1e-2)


def train_all_rows(dataset: dict[str, Any], regularizers: list[dict[str, Any]], **changes: Any) -> Any:
    """Planned runs, their last metrics and their coefficients, by ``train`` on a spec."""
    spec = make_spec(
        "linear",
        dataset=dataset | {"use_all_rows": True},
        optimizer=FISTA,
        regularizers=regularizers,
        **{"batch_size": "full", "precision": "float64"} | changes,
    )
    events = collect(spec)
    return plan_runs(spec), get_epochs(events)[-1].metrics, get_completed(events).coefficients


def test_the_lasso_on_breast_cancer_reaches_the_certified_optimum() -> None:
    """Check 2."""
    strengths = [0.0175747, 0.175747, 0.383684, 0.38368]
    _, metrics, found = train_all_rows({"name": "breast_cancer"}, [{"name": "l1", "strengths": strengths}], epochs=400)
    assert [int(np.count_nonzero(weights)) for weights in found.weights[1:]] == [8, 2, 0, 1]
    objective = metrics["train_loss"] + metrics["penalty"]
    assert objective[1:3].tolist() == pytest.approx([0.2046573, 0.5559567], rel=1e-6)
    assert (metrics["zero_share"][1:] * 30).tolist() == pytest.approx([22, 28, 30, 29])


def test_at_the_largest_useful_strength_every_weight_is_exactly_0() -> None:
    """Check 4, for a regression: λ_max = max|Xᵀ(y − ȳ)|/n."""
    x, y = load_diabetes(return_X_y=True)
    largest = float(np.abs(x.T @ (y - y.mean())).max() / len(y))
    _, _, found = train_all_rows(
        {"name": "diabetes", "standardize": False},
        [{"name": "l1", "strengths": [largest * (1 + 1e-9), largest, largest * (1 - 1e-9)]}],
        epochs=300,
    )
    assert [int(np.count_nonzero(weights)) for weights in found.weights[1:]] == [0, 0, 1]
    assert found.intercepts[1:, 0].tolist() == pytest.approx([y.mean()] * 3, rel=1e-5)


@pytest.fixture(scope="module")
def regression() -> Dataset:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((200, 12)) @ (np.eye(12) + 0.2)
    y = x[:, :4] @ [1.0, -2.0, 0.5, 0.1] + generator.standard_normal(200)
    return make_data(x, y, None)


@pytest.mark.parametrize("optimizer", [FISTA, MOMENTUM | {"learning_rate": 0.15}, ADAGRAD], ids=lambda o: o["name"])
def test_every_optimizer_reaches_scikit_learns_lasso_and_ridge(regression: Dataset, optimizer: dict[str, Any]) -> None:
    """Lasso(alpha=λ) and Ridge(alpha=n·λ): the λ convention, under an adaptive optimizer too."""
    x, y = regression.train.x.numpy(), regression.train.y.numpy()
    for name, model in (("l1", Lasso(0.3, tol=1e-12)), ("l2", Ridge(200 * 0.3))):
        sweep, _ = fit(regression, name, [0.3], 400, optimizer)
        weights = sweep.read_parameters()[0]["output.weight"][0]
        np.testing.assert_allclose(weights, model.fit(x, y).coef_, atol=1e-6)
