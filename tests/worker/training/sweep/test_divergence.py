"""A run that diverges is reported once, is NaN from then on, and never disturbs its neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.sweeps import collect, get_completed, get_epochs, make_spec, regularize
from worker.training import METRICS

HEALTHY = [0.0, 0.001, 0.01]
DIVERGING = {"l2": 1e6, "weight_decay": 1e6, "gaussian_noise": 3e38, "sam": 3e38}


def make(strengths: list[float], optimizer: str = "sgd", **changes: Any) -> ExperimentSpec:
    """With λ = 1000 and η = 0.05 each step multiplies the weights by -49."""
    l2 = {"name": "l2", "strengths": strengths}
    return make_spec(optimizer_name=optimizer, regularizers=[l2], epochs=12, seeds=2, **changes)


@pytest.fixture(scope="module")
def spec() -> ExperimentSpec:
    return make([*HEALTHY, 1000.0])


def test_a_diverged_run_is_reported_once_and_nan_from_then_on(spec: ExperimentSpec) -> None:
    events = collect(spec)
    epochs = get_epochs(events)
    fallen = {run: epoch.epoch for epoch in epochs for run in epoch.diverged}
    assert sorted(fallen) == [8, 9]
    assert sum(len(epoch.diverged) for epoch in epochs) == 2
    for run, when in fallen.items():
        assert 1 < when < 12
        for epoch in epochs:
            gone = epoch.epoch >= when
            measured = set(METRICS) - {"learning_rate", "seconds", "gradient_ratio"}
            assert {bool(np.isnan(epoch.metrics[name][run])) for name in measured} == {gone}
            assert np.isfinite(epoch.metrics["seconds"][run])
            assert {h.run for h in epoch.histograms}.isdisjoint({run} if gone else set())
            # The batches of the very epoch show how it went.
            assert np.isnan(epoch.batch_losses[run]).all() == (epoch.epoch > when)
    completed = get_completed(events)
    assert np.flatnonzero(np.isnan(completed.test_loss)).tolist() == [8, 9]
    assert np.flatnonzero(np.isnan(completed.test_score)).tolist() == [8, 9]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
@pytest.mark.parametrize("network", ["mlp", "cnn", "resnet"])
def test_a_diverged_run_changes_no_other_run(optimizer: str, network: str) -> None:
    """Whatever regularizes them, and whichever regularizer the fallen run is of."""
    calm = make_spec(network, optimizer, regularizers=regularize(strengths=HEALTHY), epochs=4, seeds=2)
    spec = let_diverge(calm)
    runs, planned = plan_runs(calm), plan_runs(spec)
    rows = [planned.index(run) for run in runs]
    fallen = {planned[run].regularizer for epoch in get_epochs(collect(spec)) for run in epoch.diverged}
    assert fallen == set(DIVERGING)
    for one, other in zip(get_epochs(collect(spec)), get_epochs(collect(calm)), strict=True):
        assert set(one.diverged).isdisjoint(rows)
        for name in set(METRICS) - {"seconds"}:
            assert np.array_equal(one.metrics[name][rows], other.metrics[name], equal_nan=True), name
        assert np.array_equal(one.batch_losses[rows], other.batch_losses)


def test_a_diverged_run_changes_no_other_under_fixed_regularizers() -> None:
    fixed = [{"name": name, "strengths": [0.1]} for name in ("sam", "dropout", "mixup", "label_smoothing", "l1")]
    calm = make(HEALTHY, fixed=fixed)
    runs = plan_runs(calm)
    with_it, without = get_epochs(collect(make([*HEALTHY, 1000.0], fixed=fixed))), get_epochs(collect(calm))
    assert [run for epoch in with_it for run in epoch.diverged] == [8, 9]
    for one, other in zip(with_it, without, strict=True):
        assert np.array_equal(one.metrics["train_loss"][: len(runs)], other.metrics["train_loss"])
        assert np.array_equal(one.batch_losses[: len(runs)], other.batch_losses)


def let_diverge(calm: ExperimentSpec) -> ExperimentSpec:
    """The same with strengths that no run survives, beside those that it has."""
    document = calm.model_dump()
    for regularizer in document["regularizers"]:
        if regularizer["name"] in DIVERGING:
            regularizer["strengths"] = [*regularizer["strengths"], DIVERGING[regularizer["name"]]]
    return ExperimentSpec.model_validate(document)


def test_when_all_runs_have_diverged_all_metrics_are_nan() -> None:
    spec = make_spec(optimizer={"name": "sgd", "learning_rate": 100.0, "weight_decay": 1000.0}, regularizers=[])
    events = collect(spec)
    assert [epoch.diverged for epoch in get_epochs(events)].count((0,)) == 1
    assert np.isnan(get_epochs(events)[-1].metrics["train_loss"]).all()
    assert np.isnan(get_completed(events).test_loss).all()
