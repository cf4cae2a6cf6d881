"""Duality gaps, against scikit-learn's own, against other proofs, and against optima that are known."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNet, Lasso
from sklearn.preprocessing import StandardScaler

from tests.worker.training.optimizers.certificates import bound_l1, bound_l2, fit_intercepts, measure_losses
from worker.training.optimizers.duality import Model, bound_gap, measure_residual
from worker.training.regularizers.convex_norms import Norms

Array = np.ndarray[Any, np.dtype[np.float64]]


def load(name: str) -> tuple[Array, Array]:
    x, y = {"diabetes": load_diabetes, "breast_cancer": load_breast_cancer, "wine": load_wine}[name](return_X_y=True)
    return StandardScaler().fit_transform(x), (y - y.mean()) / y.std() if name == "diabetes" else y


def bound(x: Array, y: Array, weights: Array, intercepts: Array | None, norms: Norms) -> float:
    own = None if intercepts is None else torch.tensor(intercepts)
    return bound_gap(torch.tensor(x), torch.tensor(y), Model(torch.tensor(weights), own), norms)


@pytest.mark.parametrize("steps", [1, 3, 10, 1000])
@pytest.mark.parametrize("strength", [0.001, 0.05, 0.3])
def test_gaps_of_the_lasso_are_those_of_scikit_learn(strength: float, steps: int) -> None:
    """Of models that it has not finished: mean losses, as a share of ½, the objective without weights."""
    x, y = load("diabetes")
    model = Lasso(strength, fit_intercept=False, max_iter=steps, tol=1e-14)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, y)
    found = bound(x, y, model.coef_[None], None, Norms(absolute=strength)) / 2
    assert found == pytest.approx(float(model.dual_gap_), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("mixing", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("steps", [1, 3, 1000])
def test_gaps_of_the_elastic_net_bound_what_is_left_to_gain(mixing: float, steps: int) -> None:
    x, y = load("diabetes")
    norms = Norms(absolute=0.1 * mixing, square=0.1 * (1 - mixing))

    def fit(most: int) -> tuple[Array, float]:
        model = ElasticNet(0.1, l1_ratio=mixing, fit_intercept=False, max_iter=most, tol=1e-15).fit(x, y)
        weights = model.coef_[None]
        return weights, float(((x @ model.coef_ - y) ** 2).mean() / 2) + norms.measure(torch.tensor(weights))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        (weights, objective), (_, optimum) = fit(steps), fit(100_000)
    gap = bound(x, y, weights, None, norms) / 2
    assert objective - optimum - 1e-13 <= gap <= 30 * (objective - optimum) + 1e-9


@pytest.mark.parametrize("dataset", ["breast_cancer", "wine"])
@pytest.mark.parametrize("strength", [0.003, 0.1, 2.0])
@pytest.mark.parametrize("size", [0.0, 0.01, 0.3])
def test_gaps_of_classes_are_those_of_another_proof(dataset: str, strength: float, size: float) -> None:
    """Near weights 0 and far from them, with one logit and with one per class; mean losses."""
    x, y = load(dataset)
    rows = 1 if dataset == "breast_cancer" else 3
    generator = np.random.default_rng(4)
    weights, intercepts = size * generator.normal(size=(rows, x.shape[1])), generator.normal(size=rows)
    shares = np.bincount(y) / len(y)
    entropy = -(shares * np.log(shares)).sum()
    lasso = bound(x, y, weights, intercepts, Norms(absolute=strength)) * entropy
    # The other proof is of the best intercepts, this one of those that there are.
    lost = measure_losses(x, y, weights, intercepts) - measure_losses(
        x, y, weights, fit_intercepts(x, y, weights, intercepts)
    )
    assert lasso == pytest.approx(bound_l1(x, y, weights, intercepts, strength) + lost, rel=1e-6, abs=1e-10)
    ridge = bound(x, y, weights, intercepts, Norms(square=strength)) * entropy
    # By strong convexity, of which the conjugate's bound is at least as good as its quadratic.
    assert ridge <= bound_l2(x, y, weights, intercepts, strength) + lost + 1e-10


numbers = st.floats(0.001, 1.0)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), absolute=numbers, square=numbers, group=numbers, acts=st.integers(1, 7))
def test_no_model_is_better_than_a_gap_allows(
    seed: int, absolute: float, square: float, group: float, acts: int
) -> None:
    """Whatever norms act together: any model against any other."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(30, 4, generator=generator, dtype=torch.float64)
    y = torch.randint(0, 3, (30,), generator=generator)
    y[:3] = torch.arange(3)
    norms = Norms(absolute * (acts & 1), square * (acts >> 1 & 1), group * (acts >> 2))

    def draw() -> Model:
        weights = torch.randn(3, 4, generator=generator, dtype=torch.float64) * torch.rand((), generator=generator)
        return Model(weights, torch.randn(3, generator=generator, dtype=torch.float64))

    def measure(model: Model) -> float:
        assert model.intercepts is not None
        outputs = x @ model.weights.T + model.intercepts
        return float(torch.nn.functional.cross_entropy(outputs, y)) + norms.measure(model.weights)

    shares = torch.bincount(y) / len(y)
    entropy = -float((shares * shares.log()).sum())
    models = [draw() for _ in range(5)]
    for one in models:
        gap = bound_gap(x, y, one, norms) * entropy
        assert all(measure(other) >= measure(one) - gap * (1 + 1e-6) - 1e-9 for other in models)


def test_at_the_largest_useful_strength_weights_of_0_are_proved_optimal() -> None:
    for name in ("diabetes", "breast_cancer", "wine"):
        x, y = load(name)
        rows = 3 if name == "wine" else 1
        shares = np.bincount(y) / len(y) if rows == 3 else y.mean()
        target = np.eye(3)[y] - shares if rows == 3 else (y - shares)[:, None]
        slope = target.T @ x / len(y)
        if name == "diabetes":
            intercepts = np.array([shares])
        else:
            intercepts = np.log(shares) if rows == 3 else np.array([np.log(shares / (1 - shares))])
        largest = np.abs(slope).max()
        assert bound(x, y, np.zeros_like(slope), intercepts, Norms(absolute=largest * (1 + 1e-12))) < 1e-9
        assert bound(x, y, np.zeros_like(slope), intercepts, Norms(absolute=largest * 0.9)) > 1e-3


def test_without_a_penalty_there_is_no_gap_but_a_residual() -> None:
    x, y = load("diabetes")
    solved = np.linalg.lstsq(x, y, rcond=None)[0][None].astype(np.float64)
    left = float(((x @ solved[0] - y) ** 2).mean())
    assert bound(x, y, solved, np.zeros(1), Norms()) == pytest.approx(left)
    for share, expected in ((1.0, 0.0), (0.5, 0.5), (0.0, 1.0)):
        model = Model(torch.tensor(share * solved), torch.zeros(1, dtype=torch.float64))
        assert measure_residual(torch.tensor(x), torch.tensor(y), model) == pytest.approx(expected, abs=1e-12)
