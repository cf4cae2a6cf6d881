"""Estimates against real trainings: of kinds of sweeps that have not run before, within the factor that is documented.

Seconds are the process's own (CPU time) in its fastest epoch, so that a busy machine changes little.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from core.catalogue.epoch_values import EpochValues
from core.estimate.duration import WITHIN, PastJob, estimate_seconds
from core.planning import plan_runs
from core.spec import ExperimentSpec
from worker.training.engine import train

L2 = {"regularizers": [{"name": "l2", "strengths": [1e-4, 1e-3, 1e-2]}], "optimizer": {"name": "adam"}, "seeds": 2}
KINDS: dict[str, dict[str, Any]] = {
    "mlp": {**L2, "dataset": {"name": "digits", "train_examples": 300}, "network": {"name": "mlp"}, "epochs": 5},
    "wide": {**L2, "dataset": {"name": "wine"}, "network": {"name": "mlp", "widths": [512]}, "epochs": 8},
    "large batches": {
        **L2, "dataset": {"name": "digits"}, "network": {"name": "mlp", "widths": [64]}, "epochs": 8,
        "batch_size": 256,
    },
    "small": {**L2, "dataset": {"name": "moons"}, "network": {"name": "mlp", "widths": [16]}, "epochs": 10},
    "many": {
        "dataset": {"name": "diabetes"}, "network": {"name": "linear"}, "optimizer": {"name": "adam"}, "seeds": 3,
        "regularizers": [{"name": "l1", "strengths": {"from": 1e-4, "to": 1, "count": 25}}], "epochs": 10,
    },
    "whole batches": {
        **L2, "dataset": {"name": "digits"}, "network": {"name": "linear"}, "batch_size": "full", "epochs": 12,
        "optimizer": {"name": "sgd"},
    },
    "cnn": {**L2, "dataset": {"name": "digits", "train_examples": 150}, "network": {"name": "cnn"}, "epochs": 5},
}  # fmt: skip


def run(spec: ExperimentSpec, folder: Path) -> PastJob:
    runs = plan_runs(spec)
    events = train(spec, runs, data_folder=folder, download=False, device="cpu")
    marks = [time.process_time() for event in events if isinstance(event, EpochValues)]
    fastest = min(end - start for start, end in pairwise(marks))
    return PastJob(spec, spec.epochs * len(runs), spec.epochs * fastest, len(runs))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, PastJob]]:
    folder = tmp_path_factory.mktemp("data")
    # As a worker's trainers have it; others wait for one another, and count that as work.
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    specs = {name: ExperimentSpec.model_validate(kind) for name, kind in KINDS.items()}
    yield {name: run(spec, folder) for name, spec in specs.items()}
    torch.set_num_threads(before)


@pytest.mark.parametrize("name", list(KINDS))
def test_a_kind_that_has_not_run_before_is_estimated_within_the_factor(measured: dict[str, PastJob], name: str) -> None:
    actual = measured[name]
    others = [past for other, past in measured.items() if other != name]
    estimate = estimate_seconds(actual.spec, 1, 1, others)
    assert estimate is not None
    assert 1 / WITHIN < estimate / actual.seconds < WITHIN


@pytest.mark.parametrize("name", list(KINDS))
def test_one_past_sweep_is_enough_for_an_estimate(measured: dict[str, PastJob], name: str) -> None:
    """As on a fresh installation, where the demonstration has run and nothing else."""
    estimate = estimate_seconds(measured[name].spec, 1, 1, [measured["mlp"]])
    assert estimate is not None
    assert 1 / WITHIN < estimate / measured[name].seconds < WITHIN


def test_a_repeated_sweep_is_estimated_closely(measured: dict[str, PastJob]) -> None:
    for past in measured.values():
        estimate = estimate_seconds(past.spec, 1, 1, measured.values())
        assert estimate == pytest.approx(past.seconds, rel=0.5)
