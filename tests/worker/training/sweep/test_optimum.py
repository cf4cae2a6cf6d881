"""What a training says of its optimum: gaps of convex problems, residuals without a penalty, largest strengths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.catalogue.epoch_values import OptimumValues
from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.sweeps import collect, get_completed, make_spec, make_sweep
from worker.training.sweep.optimum import measure_optimum

FISTA: dict[str, Any] = {"optimizer": {"name": "fista"}, "batch_size": "full", "precision": "float64"}


def make(dataset: str = "breast_cancer", **changes: Any) -> ExperimentSpec:
    return make_spec("linear", dataset={"name": dataset, "use_all_rows": True}, **FISTA | changes)


def find(spec: ExperimentSpec) -> dict[tuple[str, float], dict[str, float]]:
    """By regularizer and strength: gap, residual and largest useful strength; NaN where there is none."""
    optimum = get_completed(collect(spec)).optimum
    assert isinstance(optimum, OptimumValues)
    rows = zip(plan_runs(spec), optimum.gaps, optimum.residuals, optimum.largest, strict=True)
    return {
        (run.regularizer, run.strength): {"gap": gap, "residual": residual, "largest": largest}
        for run, gap, residual, largest in rows
    }


PENALTIES: list[dict[str, Any]] = [
    {"name": "l1", "strengths": [0.0, 0.01, 1.0]},
    {"name": "l2", "strengths": [0.01]},
    {"name": "elastic_net", "mixing": 0.3, "strengths": [0.01]},
    {"name": "group_lasso", "strengths": [0.01]},
]


@pytest.mark.parametrize("dataset", ["diabetes", "breast_cancer", "wine"])
def test_gaps_close_as_it_trains(dataset: str) -> None:
    early, late = (find(make(dataset, regularizers=PENALTIES, seeds=1, epochs=epochs)) for epochs in (3, 1500))
    for key, values in late.items():
        if key == ("l1", 1.0) or key[1] == 0.0:
            continue
        assert values["gap"] < 1e-9, key
        assert early[key]["gap"] > 1e-6, key
        assert np.isnan(values["residual"])
    # Beyond the largest useful strength weights of 0 are the optimum, which is the start but for the intercept.
    assert late["l1", 1.0]["gap"] < 1e-12
    for key in (("none", 0.0), ("l1", 0.0)):
        assert np.isnan(late[key]["gap"])
        assert late[key]["residual"] < early[key]["residual"] < 1


def test_a_fixed_penalty_belongs_to_the_objective() -> None:
    fixed = [{"name": "l2", "strengths": [0.05]}]
    found = find(make(regularizers=PENALTIES[:1], fixed=fixed, seeds=1, epochs=1500))
    assert all(values["gap"] < 1e-10 for values in found.values())
    assert all(np.isnan(values["residual"]) for values in found.values())


def test_in_float32_a_gap_is_as_small_as_its_rounding() -> None:
    found = find(make(regularizers=PENALTIES[1:], seeds=1, epochs=800, precision="float32"))
    assert all(values["gap"] < 1e-5 for key, values in found.items() if key[0] != "none")


def test_what_is_not_to_reach_its_optimum_has_no_gap() -> None:
    """Other optimizers, early stopping, penalized biases; and what is not linear has nothing at all."""
    stopped = [*PENALTIES[:1], {"name": "early_stopping", "strengths": [3]}]
    specs = [
        make_spec("linear", regularizers=PENALTIES),
        make(regularizers=stopped, fixed=[], epochs=5),
        make(regularizers=PENALTIES, penalize_biases=True, epochs=3),
    ]
    for index, spec in enumerate(specs):
        for key, values in find(spec).items():
            is_known = index == 1 and key[0] != "early_stopping"
            assert (np.isfinite(values["gap"]) or np.isfinite(values["residual"])) == is_known
    assert get_completed(collect(make_spec("mlp", regularizers=PENALTIES))).optimum is None


def test_the_largest_useful_strength_is_that_of_the_theory_under_every_optimizer() -> None:
    without: dict[str, Any] = {}
    for changes in (FISTA, without):
        dataset = {"name": "breast_cancer", "use_all_rows": True}
        found = find(make_spec("linear", dataset=dataset, regularizers=PENALTIES, seeds=1, epochs=1, **changes))
        assert found["l1", 0.01]["largest"] == pytest.approx(0.383683, abs=5e-7)
        assert found["elastic_net(mixing=0.3)", 0.01]["largest"] == pytest.approx(0.383683 / 0.3, abs=5e-6)
        assert np.isnan(found["none", 0.0]["largest"])
        assert np.isnan(found["l2", 0.01]["largest"])


def test_other_penalties_leave_the_theory_without_one() -> None:
    fixed = [{"name": "group_lasso", "strengths": [0.01]}]
    found = find(make(regularizers=PENALTIES[:1], fixed=fixed, seeds=1, epochs=1))
    assert all(np.isnan(values["largest"]) for values in found.values())


def test_a_run_that_diverged_proves_nothing() -> None:
    spec = make(regularizers=PENALTIES[1:2], seeds=1)
    sweep = make_sweep(spec)
    lost = {"output.weight": torch.full((1, 30), torch.nan), "output.bias": torch.zeros(1, 1)}
    found = measure_optimum(spec, plan_runs(spec), [sweep.data] * 2, [lost, {}])
    assert found is not None
    assert np.isnan(found.gaps).all()
    assert np.isnan(found.residuals).all()
