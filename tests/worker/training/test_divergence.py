"""A run that diverges is named, blanked, and never disturbs its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.sweeps import collect, get_completed, get_epochs, make_spec
from worker.training import METRICS

HEALTHY = [0.0, 0.001, 0.01]


def make(strengths: list[float], optimizer: str = "sgd", **changes: object) -> ExperimentSpec:
    """With λ = 1000 and η = 0.05 each step multiplies the weights by -49."""
    l2 = {"name": "l2", "strengths": strengths}
    return make_spec(optimizer_name=optimizer, regularizers=[l2], epochs=12, seeds=2, **changes)


@pytest.fixture(scope="module")
def spec() -> ExperimentSpec:
    return make([*HEALTHY, 1000.0])


def test_it_is_named_once_and_blank_from_then_on(spec: ExperimentSpec) -> None:
    events = collect(spec)
    epochs = get_epochs(events)
    fallen = {run: epoch.epoch for epoch in epochs for run in epoch.diverged}
    assert sorted(fallen) == [8, 9]
    assert sum(len(epoch.diverged) for epoch in epochs) == 2
    for run, when in fallen.items():
        assert 1 < when < 12
        for epoch in epochs:
            gone = epoch.epoch >= when
            measured = set(METRICS) - {"learning_rate", "seconds"}
            assert {bool(np.isnan(epoch.metrics[name][run])) for name in measured} == {gone}
            assert np.isfinite(epoch.metrics["seconds"][run])
            assert {h.run for h in epoch.histograms}.isdisjoint({run} if gone else set())
            # The batches of the very epoch show how it went.
            assert np.isnan(epoch.batch_losses[run]).all() == (epoch.epoch > when)
    completed = get_completed(events)
    assert np.flatnonzero(np.isnan(completed.test_loss)).tolist() == [8, 9]
    assert np.flatnonzero(np.isnan(completed.test_score)).tolist() == [8, 9]


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
@pytest.mark.parametrize("network", ["mlp", "cnn"])
def test_its_neighbours_never_know(optimizer: str, network: str) -> None:
    spec = make([*HEALTHY, 1000.0], optimizer, network_name=network)
    calm = make(HEALTHY, optimizer, network_name=network)
    runs = plan_runs(calm)
    with_it, without = get_epochs(collect(spec)), get_epochs(collect(calm))
    assert any(epoch.diverged for epoch in with_it)
    for one, other in zip(with_it, without, strict=True):
        for name in set(METRICS) - {"seconds"}:
            assert np.array_equal(one.metrics[name][: len(runs)], other.metrics[name])
        assert np.array_equal(one.batch_losses[: len(runs)], other.batch_losses)


def test_when_all_have_diverged_the_rest_is_blank() -> None:
    spec = make_spec(optimizer={"name": "sgd", "learning_rate": 100.0, "weight_decay": 1000.0}, regularizers=[])
    events = collect(spec)
    assert [epoch.diverged for epoch in get_epochs(events)].count((0,)) == 1
    assert np.isnan(get_epochs(events)[-1].metrics["train_loss"]).all()
    assert np.isnan(get_completed(events).test_loss).all()
