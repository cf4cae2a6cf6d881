"""What a job comes to when nothing disturbs it, trained in a process of its own; and how another differs from it."""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sqlalchemy import select

from core.db.models import EpochRow, Histogram, Run
from core.db.queries.outcomes import read_hits, read_losses
from core.planning import plan_jobs, plan_runs
from core.spec import ExperimentSpec, PlannedRun
from tests.installation import Installation
from worker.training import METRICS, Checkpoints, Completed, EpochValues, Saved, train
from worker.training.checkpoint import Checkpoint, read_checkpoint

# How long it took is its own every time.
COMPARED = tuple(name for name in METRICS if name != "seconds")
Cells = tuple[Any, ...]


@dataclass(frozen=True)
class Undisturbed:
    """``checkpoint``: the file that holds its end; the weights lie beside it."""

    runs: list[PlannedRun]
    epochs: list[EpochValues]
    end: Completed
    checkpoint: Path


class Undisturbeds:
    """By name, each trained once, while the test goes on."""

    def __init__(self, pool: ProcessPoolExecutor, folder: Path) -> None:
        self._pool, self._folder = pool, folder
        self._begun: dict[str, Future[Undisturbed]] = {}

    def begin(self, name: str, spec: ExperimentSpec) -> None:
        if name not in self._begun:
            self._begun[name] = self._pool.submit(train_undisturbed, spec, self._folder / name)

    def get(self, name: str) -> Undisturbed:
        return self._begun[name].result(300)


@contextmanager
def make_undisturbeds(folder: Path) -> Iterator[Undisturbeds]:
    # As a trainer has it: with more threads sums come out in another order.
    os.environ["OMP_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(1, get_context("spawn"), torch.set_num_threads, (1,)) as pool:
        yield Undisturbeds(pool, folder)
        pool.shutdown(cancel_futures=True)
    # Two modules may have one each, and either ends first.
    os.environ.pop("OMP_NUM_THREADS", None)


def train_undisturbed(spec: ExperimentSpec, folder: Path) -> Undisturbed:
    (planned,) = plan_jobs(plan_runs(spec), 1)
    checkpoints = Checkpoints(folder, "00000000", seconds=1e9, keeps_weights=True)
    options: dict[str, Any] = {"data_folder": folder, "download": False, "device": "cpu"}
    events = list(train(spec, planned, checkpoints=checkpoints, **options))
    (saved,) = (event for event in events if isinstance(event, Saved))
    epochs = [event for event in events if isinstance(event, EpochValues)]
    assert isinstance(events[-1], Completed)
    return Undisturbed(list(planned), epochs, events[-1], folder / saved.name)


def list_differences(installation: Installation, experiment: int, expected: Undisturbed) -> list[str]:
    """Of all its curves, layers, ends, outcomes of test examples and final weights; no tolerance."""
    runs = installation.runs(experiment)
    assert [PlannedRun(run.regularizer, run.strength, run.seed) for run in runs] == expected.runs
    found, bars = _read_rows(installation, experiment), _read_histograms(installation, experiment)
    differences = []
    for index, run in enumerate(runs):
        name = f"run {run.id} ({run.regularizer} {run.strength:g})"
        rows = dict(_list_rows(expected.epochs, index))
        differences += [f"{name}: epoch {epoch}" for epoch in rows if found[run.id].get(epoch) != rows[epoch]]
        differences += [f"{name}: a row too many, {epoch}" for epoch in found[run.id].keys() - rows.keys()]
        if bars[run.id] != _list_histograms(expected.epochs, index, rows):
            differences.append(f"{name}: histograms")
        test = {
            "test_loss": _nullify(expected.end.test_loss[index]),
            "test_score": _nullify(expected.end.test_score[index]),
        }
        if run.test != test:
            differences.append(f"{name}: {run.test} instead of {test}")
    differences += _compare_outcomes(installation, [run.id for run in runs], expected)
    differences += _compare_kept_weights(installation, runs, expected)
    return differences + _compare_weights(installation, experiment, expected)


def count_rows(expected: Undisturbed) -> int:
    return sum(1 for index in range(len(expected.runs)) for _ in _list_rows(expected.epochs, index))


def _read_rows(installation: Installation, experiment: int) -> dict[int, dict[int, Cells]]:
    columns = [getattr(EpochRow, name) for name in COMPARED]
    chosen = (
        select(EpochRow.run_id, EpochRow.epoch, *columns, EpochRow.batch_losses, EpochRow.layers)
        .join(Run, Run.id == EpochRow.run_id)
        .where(Run.experiment_id == experiment)
    )
    rows: dict[int, dict[int, Cells]] = defaultdict(dict)
    for run_id, epoch, *cells in installation.read(lambda s: s.execute(chosen).all()):
        rows[run_id][epoch] = tuple(cells)
    return rows


def _read_histograms(installation: Installation, experiment: int) -> dict[int, set[Cells]]:
    columns = (Histogram.epoch, Histogram.layer, Histogram.low, Histogram.high, Histogram.counts)
    chosen = (
        select(Histogram.run_id, *columns).join(Run, Run.id == Histogram.run_id).where(Run.experiment_id == experiment)
    )
    bars: dict[int, set[Cells]] = defaultdict(set)
    for run_id, *cells in installation.read(lambda s: s.execute(chosen).all()):
        bars[run_id].add(tuple(cells))
    return bars


def _list_rows(epochs: list[EpochValues], index: int) -> Iterator[tuple[int, Cells]]:
    for event in _list_all(epochs):
        cells = [_nullify(event.metrics[name][index]) for name in COMPARED]
        assert event.layers is not None
        layers = event.layers[index].astype("<f4")
        blobs = event.batch_losses[index].astype("<f4").tobytes() or None, layers.tobytes()
        yield event.epoch, (*cells, blobs[0], None if np.isnan(layers).all() else blobs[1])
        if index in event.diverged or index in [stopping.run for stopping in event.stopped]:
            return


def _list_all(epochs: list[EpochValues]) -> list[EpochValues]:
    """With the state before the first step."""
    return [each for event in epochs for each in (event.start, event) if each is not None]


def _list_histograms(epochs: list[EpochValues], index: int, rows: dict[int, Cells]) -> set[Cells]:
    return {
        (event.epoch, own.layer, float(own.low), float(own.high), own.counts.astype("<u4").tobytes())
        for event in _list_all(epochs)
        for own in event.histograms
        if own.run == index and event.epoch in rows
    }


def _nullify(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None


def _compare_outcomes(installation: Installation, run_ids: list[int], expected: Undisturbed) -> list[str]:
    losses = installation.read(lambda s: read_losses(s, run_ids))
    hits = installation.read(lambda s: read_hits(s, run_ids))
    differences = []
    for index, run_id in enumerate(run_ids):
        own = expected.end.outcomes.losses[index].astype("<f4")
        same = losses[run_id].tobytes() == own.tobytes() if run_id in losses else not np.isfinite(own).all()
        own_hits = expected.end.outcomes.hits
        if own_hits is not None and run_id in hits:
            same &= np.array_equal(hits[run_id], own_hits[index])
        differences += [] if same else [f"outcomes of run {run_id}"]
    return differences


def _compare_kept_weights(installation: Installation, runs: list[Run], expected: Undisturbed) -> list[str]:
    """The files, byte by byte."""
    folder = installation.settings.checkpoint_folder
    assert folder is not None
    differences = []
    for run, name in zip(runs, expected.end.weights, strict=True):
        own = None if run.weights is None else (folder / f"job-{run.job_id}" / run.weights).read_bytes()
        other = None if name is None else (expected.checkpoint.parent / name).read_bytes()
        differences += [] if own == other else [f"kept weights of run {run.id}"]
    return differences


def _compare_weights(installation: Installation, experiment: int, expected: Undisturbed) -> list[str]:
    job = installation.job(experiment)
    folder = installation.settings.checkpoint_folder
    assert folder is not None
    own = read_checkpoint(folder / f"job-{job.id}" / job.checkpoints[0]["name"], expected.runs, "cpu")
    other = read_checkpoint(expected.checkpoint, expected.runs, "cpu")
    differences = [f"final {name}" for name in sorted(_list_tensors(own) ^ _list_tensors(other))]
    if (own.epoch, own.state.shared) != (other.epoch, other.state.shared):
        differences.append(f"the end: {own.epoch}, {own.state.shared}")
    return differences


def _list_tensors(checkpoint: Checkpoint) -> set[tuple[str, str, tuple[int, ...], bytes]]:
    """By name, type and shape: every bit, those of a NaN too."""
    tensors = checkpoint.state.rows | checkpoint.state.generators
    return {
        (name, str(tensor.dtype), tuple(tensor.shape), np.ascontiguousarray(tensor.numpy()).tobytes())
        for name, tensor in tensors.items()
    }
