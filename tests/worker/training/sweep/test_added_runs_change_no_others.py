"""Adding runs to an experiment never changes the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.sweeps import NEUTRAL, REGULARIZERS, collect, get_completed, get_epochs, make_spec
from worker.training import METRICS


def add_runs(spec: ExperimentSpec) -> ExperimentSpec:
    """With more seeds, and with more strengths of every regularizer before and after its own."""
    document = spec.model_dump()
    document["seeds"] = [5, *document["seeds"], 2]
    for regularizer in document["regularizers"]:
        regularizer["strengths"] = [0.3, *regularizer["strengths"], 0.02]
    return ExperimentSpec.model_validate(document)


def check(small: ExperimentSpec, large: ExperimentSpec) -> None:
    """Everything that is measured of the runs that both have, bit for bit."""
    both = plan_runs(small)
    rows = [plan_runs(large).index(run) for run in both]
    one, other = collect(small), collect(large)
    for epoch, more in zip(get_epochs(one), get_epochs(other), strict=True):
        for name in set(METRICS) - {"seconds"}:
            assert np.array_equal(epoch.metrics[name], more.metrics[name][rows], equal_nan=True), name
        assert np.array_equal(epoch.batch_losses, more.batch_losses[rows])
    for name in ("test_loss", "test_score"):
        assert np.array_equal(getattr(get_completed(one), name), getattr(get_completed(other), name)[rows])


@pytest.mark.parametrize("network", ["linear", "mlp", "cnn", "resnet"])
def test_more_strengths_and_seeds_change_nothing(network: str) -> None:
    """One regularizer is swept, then all of them are."""
    strengths = {name: NEUTRAL.get(name, 0.1) for name in REGULARIZERS}
    listed: list[dict[str, Any]] = [{**REGULARIZERS[n], "strengths": [s]} for n, s in strengths.items()]
    for first in (slice(0, 1), slice(-3, None)):
        small = make_spec(network, regularizers=listed[first], seeds=[3, 4], epochs=1)
        check(small, add_runs(make_spec(network, regularizers=listed, seeds=[3, 4], epochs=1)))


def test_more_strengths_and_seeds_change_nothing_under_fixed_regularizers() -> None:
    fixed = [{"name": name, "strengths": [0.1]} for name in ("sam", "dropout", "gaussian_noise")]
    small = make_spec(regularizers=[{"name": "mixup", "strengths": [0.5]}], fixed=fixed, seeds=[3, 4])
    check(small, add_runs(small))
