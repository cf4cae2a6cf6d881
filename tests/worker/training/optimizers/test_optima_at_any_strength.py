"""Optima at many strengths and on many data sets, from specs alone, against scikit-learn or against a proof.

A proof (``certificates``) needs no solver: it says how far at most an objective is from its optimum.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.data.test_images import write_mnist
from tests.worker.training.optimizers.certificates import bound_l1, bound_l2, measure_losses
from tests.worker.training.sweeps import collect, get_completed, get_epochs, make_spec
from worker.training import Event


def make(dataset: dict[str, Any], regularizers: list[dict[str, Any]], **changes: Any) -> ExperimentSpec:
    options: dict[str, Any] = {"batch_size": "full", "precision": "float64", "optimizer": {"name": "fista"}}
    return make_spec("linear", dataset=dataset, regularizers=regularizers, **options | changes)


def find_optimum(events: list[Event], run: int) -> tuple[np.ndarray, np.ndarray | None, float]:
    """Weights (outputs, features), intercepts and the objective that the last epoch reports."""
    completed, last = get_completed(events), get_epochs(events)[-1].metrics
    assert completed.coefficients is not None
    intercepts = completed.coefficients.intercepts
    own = None if intercepts is None else intercepts[run]
    return completed.coefficients.weights[run], own, float(last["train_loss"][run] + last["penalty"][run])


@pytest.mark.parametrize("standardize", [False, True], ids=["as is", "standardized"])
@pytest.mark.parametrize("intercept", [True, False], ids=["intercept", "none"])
def test_lasso_ridge_and_elastic_net_on_diabetes_at_any_strength(standardize: bool, intercept: bool) -> None:
    """From next to nothing to beyond λ_max, which is 45.2 standardized and 2.15 as is."""
    x, y = load_diabetes(return_X_y=True)
    x = StandardScaler().fit_transform(x) if standardize else x
    strengths = [1e-8, 1e-5, 1e-3, 0.1, 1.0, 2.0, 2.14, 2.2, 20.0, 45.0, 46.0]
    spec = make(
        {"name": "diabetes", "use_all_rows": True, "standardize": standardize, "target": "center"},
        [{"name": name, "strengths": strengths} for name in ("l1", "l2")]
        + [{"name": "elastic_net", "mixing": 0.3, "strengths": strengths}],
        network={"name": "linear", "intercept": intercept},
        epochs=250,
    )
    events = collect(spec)
    models = {
        "l1": lambda s: Lasso(s, tol=1e-14, max_iter=1_000_000, fit_intercept=False),
        "l2": lambda s: Ridge(len(y) * s, fit_intercept=False, solver="svd"),
        "elastic_net(mixing=0.3)": lambda s: ElasticNet(
            s, l1_ratio=0.3, tol=1e-14, max_iter=1_000_000, fit_intercept=False
        ),
    }
    target = y - y.mean()
    for index, run in enumerate(plan_runs(spec)):
        if run.regularizer == "none":
            continue
        weights, intercepts, objective = find_optimum(events, index)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            expected = models[run.regularizer](run.strength).fit(x, target).coef_
        mixing = {"l1": 1.0, "l2": 0.0}.get(run.regularizer, 0.3)
        penalty = run.strength * (mixing * abs(expected).sum() + (1 - mixing) / 2 * (expected**2).sum())
        optimum = ((target - x @ expected) ** 2).mean() / 2 + penalty
        assert objective == pytest.approx(optimum, rel=1e-9), run
        assert np.array_equal(weights[0] != 0, expected != 0), run
        np.testing.assert_allclose(weights[0], expected, atol=1e-5 * max(1.0, abs(expected).max()))
        assert (intercepts is None) == (not intercept)
        assert intercepts is None or abs(intercepts[0]) < 1e-8


@pytest.mark.parametrize("epochs", [250, 300, 400])
def test_an_optimum_that_is_reached_is_not_left(epochs: int) -> None:
    """Where the loss shows no curvature any more, rounding may not grow along its steeper directions."""
    spec = make(
        {"name": "diabetes", "use_all_rows": True, "standardize": True, "target": "center"},
        [{"name": "l2", "strengths": [0.1]}],
        network={"name": "linear", "intercept": True},
        epochs=epochs,
    )
    _, intercepts, _ = find_optimum(collect(spec), 1)
    assert intercepts is not None
    assert abs(intercepts[0]) < 1e-8


LOADERS = {"digits": load_digits, "breast_cancer": load_breast_cancer, "wine": load_wine}


def load(name: str, changes: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    x, y = LOADERS[name](return_X_y=True)
    if changes.get("standardize", True):
        return StandardScaler().fit_transform(x), y
    return x / changes.get("divide_by", 1.0), y


@pytest.mark.parametrize(
    ("penalty", "strengths", "name", "changes", "epochs"),
    [
        ("l1", [1e-4], "digits", {}, 850),
        ("l1", [1e-3, 1e-2, 1e-1], "digits", {}, 450),
        ("l2", [1e-4, 1e-3, 1e-2, 1e-1], "digits", {}, 250),
        ("l1", [1e-3, 1e-2, 1e-1], "digits", {"standardize": False, "divide_by": 16.0}, 400),
        ("l2", [1e-3, 1e-2, 1e-1], "digits", {"standardize": False, "divide_by": 16.0}, 100),
        ("l1", [1e-1], "digits", {"standardize": False}, 300),
        ("l2", [1e-2, 1e-1], "digits", {"standardize": False}, 250),
        ("l1", [1e-3, 1e-2, 1e-1], "breast_cancer", {}, 900),
        ("l2", [1e-4, 1e-3, 1e-2, 1e-1], "breast_cancer", {}, 400),
        ("l1", [1e-2, 1e-1], "breast_cancer", {"standardize": False}, 1500),
        ("l2", [1e-2, 1e-1], "breast_cancer", {"standardize": False}, 900),
    ],
    ids=lambda value: ",".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else None,
)
def test_logistic_regression_is_within_a_proven_gap(
    penalty: str, strengths: list[float], name: str, changes: dict[str, Any], epochs: int
) -> None:
    """Ten classes and two, scaled, divided and as they are: columns of breast cancer differ by a factor of 10⁵."""
    x, y = load(name, changes)
    spec = make(
        {"name": name, "use_all_rows": True, **changes}, [{"name": penalty, "strengths": strengths}], epochs=epochs
    )
    runs = plan_runs(spec)[1:]
    events = collect(spec, runs=runs)
    bound = bound_l1 if penalty == "l1" else bound_l2
    for index, run in enumerate(runs):
        weights, intercepts, objective = find_optimum(events, index)
        assert intercepts is not None
        omega = np.abs(weights).sum() if penalty == "l1" else (weights**2).sum() / 2
        recomputed = measure_losses(x, y, weights, intercepts) + run.strength * omega
        assert objective == pytest.approx(recomputed, rel=1e-9)
        assert bound(x, y, weights, intercepts, run.strength) <= 1e-5 * objective, run


@pytest.mark.parametrize("name", ["wine", "breast_cancer"])
def test_l2_logistic_regression_is_scikit_learns(name: str) -> None:
    """LogisticRegression(C=1/(n·λ)): for two classes it has one logit, as linear networks here."""
    x, y = load(name, {})
    spec = make({"name": name, "use_all_rows": True}, [{"name": "l2", "strengths": [0.01, 0.1]}], epochs=200)
    events = collect(spec)
    for index, strength in ((1, 0.01), (2, 0.1)):
        weights, intercepts, _ = find_optimum(events, index)
        model = LogisticRegression(C=1 / (len(y) * strength), solver="newton-cholesky", tol=1e-10).fit(x, y)
        np.testing.assert_allclose(weights, model.coef_, atol=1e-5)
        # Of several classes a number added to all intercepts changes nothing.
        assert intercepts is not None
        shift = intercepts.mean() - model.intercept_.mean() if len(intercepts) > 1 else 0.0
        np.testing.assert_allclose(intercepts - shift, model.intercept_, atol=1e-5)


@pytest.mark.parametrize("name", ["wine", "breast_cancer"])
def test_without_an_intercept_and_with_a_penalized_one(name: str) -> None:
    """A penalized intercept is the weight of a column of ones."""
    scaled, y = load(name, {})
    for changes, columns in (
        ({"network": {"name": "linear", "intercept": False}}, scaled),
        ({"penalize_biases": True}, np.column_stack([scaled, np.ones(len(y))])),
    ):
        dataset, penalties = {"name": name, "use_all_rows": True}, [{"name": "l2", "strengths": [0.02]}]
        spec = make(dataset, penalties, epochs=150, **changes)
        weights, intercepts, objective = find_optimum(collect(spec, runs=plan_runs(spec)[1:]), 0)
        model = LogisticRegression(C=1 / (len(y) * 0.02), fit_intercept=False, solver="newton-cholesky", tol=1e-10).fit(
            columns, y
        )
        found = weights if intercepts is None else np.column_stack([weights, intercepts])
        np.testing.assert_allclose(found, model.coef_, atol=1e-6)
        none = np.zeros(len(found))
        assert objective == pytest.approx(
            measure_losses(columns, y, model.coef_, none) + 0.01 * (model.coef_**2).sum(), rel=1e-9
        )


@pytest.mark.parametrize("penalty", ["l1", "l2"])
@pytest.mark.parametrize("divide_by", [None, 16.0])
def test_images_in_the_published_format(tmp_path: Path, penalty: str, divide_by: float | None) -> None:
    """mnist's files, of which 60 images train; a divisor counts from the bytes, and none scales them to [0, 1]."""
    written = write_mnist(tmp_path / "MNIST/raw", packed=False)
    x = written["train-images-idx3"].reshape(60, -1) / (divide_by or 255.0)
    y = written["train-labels-idx1"]
    spec = make(
        {"name": "mnist", "use_all_rows": True, "standardize": False, "divide_by": divide_by},
        [{"name": penalty, "strengths": [strength * 255 / (divide_by or 255) for strength in (0.05, 0.1)]}],
        epochs=500,
    )
    runs = plan_runs(spec)[1:]
    events = collect(spec, runs=runs, data_folder=tmp_path)
    bound = bound_l1 if penalty == "l1" else bound_l2
    for index, run in enumerate(runs):
        weights, intercepts, objective = find_optimum(events, index)
        assert intercepts is not None
        assert bound(x, y, weights, intercepts, run.strength) <= 1e-5 * objective, run


def test_group_lasso_by_its_optimality_conditions() -> None:
    """A class's row is 0 just where its slope is below λ√n, and else the slope is λ√n along the row."""
    x, y = load("digits", {})
    spec = make(
        {"name": "digits", "use_all_rows": True}, [{"name": "group_lasso", "strengths": [0.01, 0.03, 0.04]}], epochs=400
    )
    events = collect(spec)
    vanished = []
    for index, strength in ((1, 0.01), (2, 0.03), (3, 0.04)):
        weights, intercepts, _ = find_optimum(events, index)
        outputs = x @ weights.T + intercepts
        residuals = np.exp(outputs - outputs.max(1, keepdims=True))
        residuals = residuals / residuals.sum(1, keepdims=True) - np.eye(10)[y]
        slopes, size = residuals.T @ x / len(y), strength * np.sqrt(64)
        zero = (weights == 0).all(1)
        vanished.append(int(zero.sum()))
        assert (np.linalg.norm(slopes[zero], axis=1) <= size * (1 + 1e-7)).all()
        directions = weights[~zero] / np.linalg.norm(weights[~zero], axis=1, keepdims=True)
        np.testing.assert_allclose(slopes[~zero], -size * directions, atol=1e-7 * size)
    assert vanished == sorted(vanished)
    assert 0 < vanished[1] < 10


def test_a_fixed_l2_beside_a_swept_l1_is_an_elastic_net() -> None:
    """A fixed L2 beside swept L1 is an elastic net, with the gradient's part in the one and the map's in the other."""
    dataset = {"name": "diabetes", "use_all_rows": True}
    mixed = make(dataset, [{"name": "elastic_net", "mixing": 0.5, "strengths": [0.1]}], epochs=200)
    both = make(
        dataset,
        [{"name": "l1", "strengths": [0.05]}],
        fixed=[{"name": "l2", "strengths": [0.05]}],
        epochs=200,
    )
    one, other = find_optimum(collect(mixed), 1), find_optimum(collect(both), 1)
    np.testing.assert_allclose(one[0], other[0], atol=1e-12)
    assert one[2] == pytest.approx(other[2], rel=1e-12)
