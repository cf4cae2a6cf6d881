"""What is kept of each test example is what the test loss and score are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.planning import plan_runs
from tests.worker.training.sweeps import collect, get_completed, make_spec, regularize

SPECS: dict[str, tuple[str, dict[str, Any]]] = {
    "classes": ("mlp", {}),
    "one logit": ("linear", {"dataset": {"name": "breast_cancer"}}),
    "regression": ("linear", {"dataset": {"name": "diabetes"}}),
    "best epoch": ("mlp", {"regularizers": [{"name": "early_stopping", "strengths": [1, 3]}]}),
}


@pytest.mark.parametrize("kind", SPECS)
def test_losses_and_hits_add_up_to_the_test_loss_and_score(kind: str) -> None:
    network, parts = SPECS[kind]
    changes: dict[str, Any] = {"regularizers": regularize("l2", strengths=(0.01, 0.1)), "epochs": 6}
    spec = make_spec(network, **changes | parts)
    end = get_completed(collect(spec))
    losses, hits = end.outcomes.losses, end.outcomes.hits
    assert losses.shape == (len(plan_runs(spec)), losses.shape[1])
    assert losses.dtype == np.float32
    assert losses.mean(1, dtype=np.float64) == pytest.approx(end.test_loss, rel=1e-5)
    if kind == "regression":
        assert hits is None
    else:
        assert hits is not None
        assert (hits.shape, hits.dtype) == (losses.shape, np.dtype(bool))
        assert hits.mean(1) == pytest.approx(end.test_score)
        assert 0 < hits.mean() < 1


def test_a_run_that_diverged_has_none() -> None:
    spec = make_spec("mlp", "sgd", regularizers=regularize("l2", strengths=(0.1, 1e8)))
    end = get_completed(collect(spec))
    diverged = np.isnan(end.test_loss)
    assert diverged.any()
    assert not diverged.all()
    assert (np.isnan(end.outcomes.losses).all(1) == diverged).all()
