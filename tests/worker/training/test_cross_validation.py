"""Runs on splits of their own: fused as alone, resumed as uninterrupted, chosen as scikit-learn and glmnet choose."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LassoCV, LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from core.analysis.cells import summarize_cells
from core.analysis.selection import Selection, select_strength
from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.sweeps import collect, get_completed, get_epochs, make_spec, regularize, train_sweep
from tests.worker.training.test_checkpoint import train_in_parts

FOLDS = {"name": "folds", "k": 3}


def make_folds(**changes: Any) -> ExperimentSpec:
    """Dropout and shuffled batches, so that every generator is used; 2 seeds × 3 folds."""
    options: dict[str, Any] = {
        "dataset": {"name": "wine", "split": FOLDS, "test_fraction": 0.15},
        "regularizers": regularize("dropout", "l1", "gaussian_noise", strengths=(0.1,)),
        "network": {"name": "mlp", "widths": [9]},
        "seeds": 2,
        "epochs": 4,
    }
    return make_spec(**options | changes)


def test_training_sets_differ_in_size_here() -> None:
    steps = get_epochs(collect(make_folds(batch_size=1)))[0].steps
    assert steps is not None
    assert len(set(steps.tolist())) == 2


@pytest.mark.parametrize("split", [FOLDS, {**FOLDS, "shuffled": False}, {"name": "by_seed"}])
def test_fused_equals_alone_bit_for_bit(split: dict[str, Any]) -> None:
    spec = make_folds(dataset={"name": "wine", "split": split}, batch_size=1, epochs=2)
    runs = plan_runs(spec)
    whole, cut = train_sweep(spec), train_sweep(spec, stack_size=2)
    for index, run in enumerate(runs):
        (alone,) = train_sweep(spec, [run])
        assert torch.equal(whole[index], alone)
        assert torch.equal(cut[index], alone)


def test_a_run_of_a_seeds_split_is_that_of_the_fixed_one() -> None:
    own = make_folds(dataset={"name": "wine", "split": {"name": "by_seed"}})
    trained = dict(zip(plan_runs(own), train_sweep(own), strict=True))
    for seed in range(2):
        fixed = make_folds(dataset={"name": "wine", "split_seed": seed})
        for run, parameters in zip(plan_runs(fixed), train_sweep(fixed), strict=True):
            assert torch.equal(parameters, trained[run]) == (run.seed == seed)


def test_folds_of_a_seed_start_and_shuffle_differently() -> None:
    spec = make_folds(regularizers=[], epochs=1, optimizer={"name": "sgd", "learning_rate": 1e-30})
    starts = train_sweep(spec)
    assert len(starts) == 6
    assert not any(torch.equal(one, other) for i, one in enumerate(starts) for other in starts[:i])


def test_a_training_on_folds_that_resumes_is_the_same_bit_for_bit(tmp_path: Path) -> None:
    spec = make_folds(batch_size=50)
    whole, parts = collect(spec), train_in_parts(spec, tmp_path, (2,))
    for one, other in zip(get_epochs(whole), get_epochs(parts), strict=True):
        assert np.array_equal(one.batch_losses, other.batch_losses, equal_nan=True)
        for name in ("train_loss", "validation_loss", "weight_l2"):
            assert np.array_equal(one.metrics[name], other.metrics[name])
    assert np.array_equal(get_completed(whole).outcomes.losses, get_completed(parts).outcomes.losses)


def test_each_run_is_measured_on_its_own_rows() -> None:
    """A constant is learnt from the training rows of each fold: λ is far above λ_max."""
    x, y = load_diabetes(return_X_y=True)
    spec = make_lasso("diabetes", {"name": "folds", "k": 4, "shuffled": False}, [1e6], 50)
    last = get_epochs(collect(spec, runs=plan_runs(spec)[4:]))[-1]
    for fold, (train, held) in enumerate(KFold(4).split(x)):
        expected = ((y[held] - y[train].mean()) ** 2).mean() / 2
        assert last.metrics["validation_loss"][fold] == pytest.approx(expected, rel=1e-9)


def test_without_a_test_part_nothing_is_tested() -> None:
    spec = make_folds(dataset={"name": "wine", "split": FOLDS, "test_fraction": 0}, epochs=1)
    completed = get_completed(collect(spec))
    assert np.isnan(completed.test_loss).all()
    assert completed.outcomes.losses.shape == (24, 0)


def make_lasso(name: str, split: dict[str, Any], strengths: list[float], epochs: int, **data: Any) -> ExperimentSpec:
    return make_spec(
        "linear",
        optimizer={"name": "fista"},
        dataset={"name": name, "split": split, "test_fraction": 0, "standardize": False, "target": "as_is"} | data,
        regularizers=[{"name": "l1", "strengths": strengths}],
        batch_size="full",
        precision="float64",
        tolerance=1e-6,
        epochs=epochs,
    )


def choose(spec: ExperimentSpec) -> tuple[Selection, NDArray[np.float64]]:
    """What the answer chooses by the loss, and the losses on validation (strengths, folds)."""
    # Without the baseline, whose separable classes have no optimum.
    runs = [run for run in plan_runs(spec) if run.regularizer == "l1"]
    epochs = get_epochs(collect(spec, runs=runs))
    assert len(epochs) < spec.epochs
    losses: dict[tuple[str, float, int, int], float] = {}
    for epoch in epochs:
        for run, loss in zip(runs, epoch.metrics["validation_loss"].tolist(), strict=True):
            if not math.isnan(loss):
                losses[run.regularizer, run.strength, run.seed, run.split] = loss
    last = [losses[run.regularizer, run.strength, run.seed, run.split] for run in runs]
    ended = [
        {
            "regularizer": run.regularizer,
            "strength": run.strength,
            "state": "completed",
            "last": {"validation_loss": loss, "validation_score": -loss},
        }
        for run, loss in zip(runs, last, strict=True)
    ]
    selection = select_strength(summarize_cells(ended), "loss")
    assert selection is not None
    folds = spec.dataset.split.count()
    return selection, np.array(last).reshape(-1, folds)


def apply_glmnets_rule(strengths: NDArray[np.float64], errors: NDArray[np.float64]) -> tuple[float, float]:
    """λ_min and λ_1se of errors (strengths, folds): the largest λ within one standard error of the least mean."""
    means, deviations = errors.mean(1), errors.std(1, ddof=1) / math.sqrt(errors.shape[1])
    best = int(means.argmin())
    within = means <= means[best] + deviations[best]
    return float(strengths[best]), float(strengths[within].max())


def check(selection: Selection, errors: NDArray[np.float64], strengths: NDArray[np.float64]) -> None:
    smallest, largest = apply_glmnets_rule(strengths, errors)
    assert selection.one_standard_error is not None
    assert selection.minimum.strength == smallest
    assert selection.one_standard_error.strength == largest
    # A rule that always took an end of the grid would be no check.
    assert smallest < largest < strengths.max()


@pytest.mark.parametrize("shuffled", [True, False])
def test_lambdas_of_diabetes_are_those_of_lasso_cv(shuffled: bool) -> None:
    x, y = load_diabetes(return_X_y=True)
    folds = KFold(10, shuffle=shuffled, random_state=0 if shuffled else None)
    theirs = LassoCV(alphas=20, cv=folds, tol=1e-12, max_iter=100_000).fit(x, y)
    spec = make_lasso("diabetes", {"name": "folds", "k": 10, "shuffled": shuffled}, theirs.alphas_.tolist(), 5000)
    selection, losses = choose(spec)
    # Theirs is the squared error, ours its half.
    np.testing.assert_allclose(2 * losses, theirs.mse_path_, rtol=1e-5)
    assert selection.minimum.strength == theirs.alpha_
    check(selection, theirs.mse_path_, theirs.alphas_)


@pytest.mark.parametrize("shuffled", [True, False])
def test_lambdas_of_breast_cancer_are_those_of_logistic_regressions_by_scikit_learn(shuffled: bool) -> None:
    """Each fold standardized by its own training rows."""
    x, y = load_breast_cancer(return_X_y=True)
    strengths, k = np.geomspace(0.1, 0.002, 7), 5
    errors = np.empty((len(strengths), k))
    folds = KFold(k, shuffle=shuffled, random_state=0 if shuffled else None)
    for fold, (train, held) in enumerate(folds.split(x)):
        scaler = StandardScaler().fit(x[train])
        # Scaled so that liblinear, which penalizes the intercept too, next to does not.
        options = {"solver": "liblinear", "intercept_scaling": 1e4, "tol": 1e-9, "max_iter": 20_000}
        model = LogisticRegression(l1_ratio=1, random_state=0, **options)
        for place, strength in enumerate(strengths):
            model.set_params(C=1 / (len(train) * strength)).fit(scaler.transform(x[train]), y[train])
            errors[place, fold] = log_loss(y[held], model.predict_proba(scaler.transform(x[held])))
    split = {"name": "folds", "k": k, "shuffled": shuffled}
    spec = make_lasso("breast_cancer", split, strengths.tolist(), 5000, standardize=True, target=None)
    selection, losses = choose(spec)
    np.testing.assert_allclose(losses, errors, rtol=2e-4)
    check(selection, errors, strengths)
