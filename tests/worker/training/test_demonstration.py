"""The demonstration shows what its notes say, here with fewer seeds and strengths."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.analysis.crossed_interval import compare_crossed
from core.demonstration import load_demonstration
from core.planning import plan_runs
from tests.worker.training.sweeps import get_completed, get_epochs
from worker.training import train

CELLS = {("none", 0.0), ("dropout", 0.8), ("l1", 1e-3), ("gaussian_noise", 0.02)}


def test_it_overfits_and_some_regularizers_keep_it_from_that_and_some_do_not() -> None:
    spec = load_demonstration().model_copy(update={"seeds": 3})
    runs = [run for run in plan_runs(spec) if (run.regularizer, round(run.strength, 12)) in CELLS]
    events = list(train(spec, runs, data_folder=Path("unused"), download=False, device="cpu"))
    ends, epochs = get_completed(events), get_epochs(events)
    rows = {key: [i for i, run in enumerate(runs) if run.regularizer == key] for key, _ in CELLS}
    losses = np.array([epoch.metrics["validation_loss"] for epoch in epochs])[:, rows["none"]].mean(1)
    assert losses[-1] > 2 * losses.min()
    assert losses.argmin() < 10
    assert epochs[-1].metrics["train_loss"][rows["none"]].max() < 0.05
    assert epochs[-1].metrics["zero_share"][rows["l1"]].min() > 0.8
    hits = ends.outcomes.hits
    assert hits is not None
    for key, low, high in (("dropout", 0.1, 1.0), ("l1", -0.1, 0.1), ("gaussian_noise", -0.1, 0.1)):
        found = compare_crossed(hits[rows[key]].astype(float) - hits[rows["none"]])
        assert low < found.mean < high, key
        assert found.interval is not None
        assert found.interval.excludes_zero == (key == "dropout"), key
