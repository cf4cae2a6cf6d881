"""Runs scripts, and compares their curves with the engine's."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stdout

import numpy as np
from numpy.typing import NDArray

from backend.scripts.script import Ending, make_script
from core.planning import plan_runs
from core.spec import ExperimentSpec, PlannedRun
from tests.worker.training.sweeps import collect, get_epochs
from worker.training import Event

COLUMNS = ("train_loss", "train_score", "validation_loss", "validation_score")
TOLERANCES = {"float32": 1e-4, "float64": 1e-9}


def run_script(text: str) -> NDArray[np.float64]:
    """Its curve (epochs, columns), the epoch first. Here, where torch is imported already."""
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(text, "script.py", "exec"), {"__name__": "__main__"})  # noqa: S102
    return read_curve(printed.getvalue())


def read_curve(printed: str) -> NDArray[np.float64]:
    head, *rows = printed.strip().splitlines()
    assert head == ",".join(("epoch", *COLUMNS))
    return np.array([[float(number) for number in row.split(",")] for row in rows])


def read_recorded(events: Sequence[Event], index: int) -> NDArray[np.float64]:
    """The engine's curve of one run, likewise: the epochs that it trained."""
    rows = [
        [epoch.epoch, *(float(epoch.metrics[name][index]) for name in COLUMNS)]
        for epoch in get_epochs(events)
        if epoch.epoch > 0 and np.isfinite(epoch.metrics["train_loss"][index])
    ]
    return np.array(rows)


def compare_curves(spec: ExperimentSpec, runs: Sequence[PlannedRun] | None = None, ending: Ending | None = None) -> int:
    """Train the spec's runs by the engine and each by its script; how many there were."""
    chosen = list(runs or plan_runs(spec))
    events = collect(spec, runs=chosen)
    tolerance = TOLERANCES[spec.precision]
    for index, run in enumerate(chosen):
        printed, recorded = run_script(make_script(spec, run, "A test", ending)), read_recorded(events, index)
        np.testing.assert_allclose(printed, recorded, rtol=tolerance, atol=tolerance, err_msg=str(run))
    return len(chosen)
