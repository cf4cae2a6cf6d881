"""Certified optima of convex problems: nothing but the right method reaches them.

Checks 1 to 4 of the reference for regularizers. The engine's two classes have a logit each; with w = w₁ − w₀ softmax
is the logistic loss, and |w₁| + |w₀| is least, namely |w|, where the two pull apart: the same optimum and support.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import Lasso, Ridge
from sklearn.preprocessing import StandardScaler

from core.planning import plan_runs
from tests.worker.training.sweeps import make_job, make_spec
from worker.training.data import Dataset, Examples
from worker.training.job import Job

FAST = {"name": "sgd", "learning_rate": 0.15, "momentum": 0.95, "nesterov": True}


def make_data(x: np.ndarray, y: np.ndarray, classes: int | None) -> Dataset:
    """All rows train, standardized over all rows; validation and test, which nobody reads here, are one."""
    scaled = torch.as_tensor(StandardScaler().fit_transform(x))
    train = Examples(scaled, torch.as_tensor(y))
    few = Examples(train.x[:1], train.y[:1])
    return Dataset(train, few, few, (x.shape[1],), classes)


def fit(data: Dataset, name: str, strengths: list[float], steps: int) -> tuple[Job, dict[str, np.ndarray]]:
    """``steps`` steps on all examples at once; the last metrics of the runs but the baseline's."""
    spec = make_spec(
        "linear",
        optimizer=FAST | {"learning_rate": 0.15 if data.classes is None else 0.3},
        regularizers=[{"name": name, "strengths": strengths}],
        batch_size=len(data.train),
        precision="float64",
        epochs=steps,
    )
    job = make_job(spec, plan_runs(spec)[1:], data=data)
    for epoch in range(1, steps + 1):
        metrics = job.train_epoch(epoch).metrics
    return job, metrics


def count_unused(job: Job) -> list[int]:
    """Features whose weights are all exactly 0, per run."""
    return [int((run["output.weight"] == 0).all(0).sum()) for run in job.read_parameters()]


def load_halves() -> Dataset:
    x, y = load_digits(return_X_y=True)
    return make_data(x, (y >= 5).astype(np.int64), 2)


def test_the_lasso_on_digits_reaches_the_certified_optimum() -> None:
    data = load_halves()
    job, metrics = fit(data, "l1", [1 / (1797 * 0.01), 1 / (1797 * 0.1)], 300)
    assert count_unused(job) == [55, 25]
    assert metrics["train_loss"][0] + metrics["penalty"][0] == pytest.approx(0.5788868, rel=1e-5)
    assert metrics["train_score"].tolist() == pytest.approx([0.8631, 0.9048], abs=5e-5)


def test_its_subgradient_reaches_no_zero() -> None:
    job, _ = fit(load_halves(), "l1_subgradient", [1 / (1797 * 0.01), 1 / (1797 * 0.1)], 300)
    assert count_unused(job) == [0, 0]


def test_the_lasso_on_breast_cancer_reaches_the_certified_optimum() -> None:
    x, y = load_breast_cancer(return_X_y=True)
    job, metrics = fit(make_data(x, y.astype(np.int64), 2), "l1", [0.0175747, 0.175747, 0.3837], 1000)
    assert [30 - unused for unused in count_unused(job)] == [8, 2, 0]
    objective = metrics["train_loss"] + metrics["penalty"]
    assert objective[:2].tolist() == pytest.approx([0.2046573, 0.5559567], rel=1e-5)


@pytest.fixture(scope="module")
def regression() -> Dataset:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((200, 12)) @ (np.eye(12) + 0.2)
    y = x[:, :4] @ [1.0, -2.0, 0.5, 0.1] + generator.standard_normal(200)
    return make_data(x, y, None)


def test_at_the_largest_useful_strength_every_weight_is_exactly_0(regression: Dataset) -> None:
    x, y = regression.train.x, regression.train.y
    largest = float((x.T @ (y - y.mean())).abs().max() / len(y))
    job, _ = fit(regression, "l1", [1.0001 * largest, 0.99 * largest], 400)
    assert count_unused(job) == [12, 11]


@pytest.mark.parametrize("optimizer", [FAST, {"name": "adagrad", "learning_rate": 0.5}])
def test_lasso_and_ridge_are_scikit_learns(regression: Dataset, optimizer: dict[str, object]) -> None:
    """Lasso(alpha=λ) and Ridge(alpha=n·λ): the λ convention, under an adaptive optimizer too."""
    x, y = regression.train.x.numpy(), regression.train.y.numpy()
    for name, model in (("l1", Lasso(0.3, tol=1e-12)), ("l2", Ridge(200 * 0.3))):
        spec = make_spec(
            "linear", optimizer=optimizer, batch_size=200, precision="float64",
            regularizers=[{"name": name, "strengths": [0.3]}],
        )  # fmt: skip
        job = make_job(spec, plan_runs(spec)[1:], data=regression)
        for epoch in range(1, 401):
            job.train_epoch(epoch)
        weights = job.read_parameters()[0]["output.weight"][0]
        np.testing.assert_allclose(weights, model.fit(x, y).coef_, atol=1e-6)
