"""Curves of an experiment's runs, extended by what was recorded since the last read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.figures.curves.batch_losses import spread_batches
from backend.figures.data import Curves, RunKey
from backend.figures.metrics import DIFFERENCES
from core.cursor import Place, find_valid
from core.db.models import Job
from core.db.queries.metrics import read_batch_losses, read_columns
from core.db.queries.runs import ChartRun, list_chart_runs, list_jobs

Array = NDArray[np.float64]
BATCHES = "batch_loss"
_NO_STEPS = np.empty(0, dtype=np.float32)


class History:
    """Growing curves: ``advance`` reads new epochs, and drops rewound ones. For one thread at a time.

    ``metrics``: names of epoch rows' columns or of their differences, or ``batch_loss`` alone. ``axis``: what x is.
    """

    def __init__(self, regularizers: frozenset[str], metrics: Sequence[str], axis: str) -> None:
        self._regularizers = regularizers
        self._metrics = tuple(metrics)
        recorded = [part for name in metrics if name != BATCHES for part in DIFFERENCES.get(name, (name,))]
        self._names = list(dict.fromkeys(recorded)) + (["seconds"] if axis == "seconds" else [])
        self._axis = axis
        self._runs: list[ChartRun] = []
        self._begin([])

    def advance(self, session: Session, experiment_id: int) -> Curves:
        """The curves up to the committed epochs, read in one transaction."""
        jobs = list_jobs(session, [experiment_id])[experiment_id]
        runs = [run for run in list_chart_runs(session, experiment_id) if run.regularizer in self._regularizers]
        if [run.id for run in runs] != [run.id for run in self._runs]:
            self._begin(runs)
        self._runs = runs
        for job in jobs:
            self._advance_job(session, job)
        return self._view()

    def _begin(self, runs: Sequence[ChartRun]) -> None:
        self._places: dict[int, Place] = {}
        self._lengths = np.zeros(len(runs), dtype=np.int64)
        self._values = {name: np.full((len(runs), 0), np.nan) for name in self._names}
        # By run, an entry per epoch: the losses of its steps.
        self._batches: list[list[NDArray[np.float32]]] = [[] for _ in runs]

    def _advance_job(self, session: Session, job: Job) -> None:
        rows = [row for row, run in enumerate(self._runs) if run.job_id == job.id]
        place = self._places.get(job.id, Place(0, len(job.rewinds)))
        valid = find_valid(place, job)
        if valid < place.epoch:
            self._cut(rows, valid)
        if rows and job.epoch > valid:
            self._read(session, rows, valid, job.epoch)
        self._places[job.id] = Place(job.epoch, len(job.rewinds))

    def _cut(self, rows: Sequence[int], epoch: int) -> None:
        """Drop the epochs after ``epoch``: they were rewound, and are trained again."""
        for values in self._values.values():
            values[rows, epoch:] = np.nan
        self._lengths[rows] = np.minimum(self._lengths[rows], epoch)
        for row in rows:
            del self._batches[row][epoch:]

    def _read(self, session: Session, rows: Sequence[int], after: int, until: int) -> None:
        ids = [self._runs[row].id for row in rows]
        self._reserve(until)
        for row, columns in zip(rows, read_columns(session, ids, self._names, after=after, until=until), strict=True):
            # Curves begin with the first epoch: the state before it would set the range of every axis.
            trained = columns.epochs > 0
            for name in self._names:
                self._values[name][row, columns.epochs[trained] - 1] = columns.metrics[name][trained]
            self._lengths[row] = max(self._lengths[row], columns.epochs.max(initial=0))
        if BATCHES in self._metrics:
            losses = read_batch_losses(session, ids, after=after, until=until)
            for row, run_id in zip(rows, ids, strict=True):
                epochs = range(len(self._batches[row]) + 1, int(self._lengths[row]) + 1)
                self._batches[row] += [losses[run_id].get(epoch, _NO_STEPS) for epoch in epochs]

    def _reserve(self, epochs: int) -> None:
        """Make room for at least ``epochs``; doubling keeps growth cheap."""
        for name, values in self._values.items():
            if values.shape[1] < epochs:
                grown = np.full((values.shape[0], 2 * epochs), np.nan)
                grown[:, : values.shape[1]] = values
                self._values[name] = grown

    def _view(self) -> Curves:
        keys = tuple(
            RunKey(
                *(run.id, run.regularizer, run.strength, run.seed),
                *(run.diverged_epoch, run.stopped_epoch, run.stopped_by, run.split),
            )
            for run in self._runs
        )
        # Copies: earlier views must not change.
        stop = int(self._lengths.max(initial=0))
        values = {name: own[:, :stop].copy() for name, own in self._values.items()}
        x = find_x(values.get("seconds") if self._axis == "seconds" else None, self._lengths)
        if BATCHES in self._metrics:
            return self._spread(keys, x)
        for name in DIFFERENCES.keys() & set(self._metrics):
            whole, part = DIFFERENCES[name]
            # On their way to divergence both may be infinite.
            with np.errstate(invalid="ignore", over="ignore"):
                values[name] = values[whole] - values[part]
        return Curves(keys, x, values, self._lengths.copy())

    def _spread(self, keys: tuple[RunKey, ...], x: Array) -> Curves:
        seconds = [x[row, : len(own)].tolist() for row, own in enumerate(self._batches)]
        return spread_batches(keys, self._batches, seconds if self._axis == "seconds" else None)


def find_x(seconds: Array | None, lengths: NDArray[np.int64]) -> Array:
    """x of each epoch, shape (M, T), NaN after a run's end: the epoch, or its seconds made monotonic."""
    epoch = np.arange(1, int(lengths.max(initial=0)) + 1, dtype=np.float64)
    x = np.broadcast_to(epoch, (len(lengths), epoch.size))
    if seconds is not None:
        x = np.maximum.accumulate(np.nan_to_num(seconds, nan=0.0, posinf=0.0), axis=1)
    return np.where(epoch <= lengths[:, None], x, np.nan)
