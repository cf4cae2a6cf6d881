"""Records epochs: rows, summaries of runs, and the job's progress."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from core.catalogue.epoch_values import EpochValues
from core.catalogue.metrics import METRIC_NAMES
from core.db import bulk
from core.db.models import EpochRow, Histogram, Job, Run
from core.db.state_changes import make_lease_lost_error
from core.db.states import RUN_TRANSITIONS, State, check_transition

EPOCHS, HISTOGRAMS, RUNS = (cast(Table, model.__table__) for model in (EpochRow, Histogram, Run))
# Only in summaries, with a tolerance: how much the epoch moved a parameter.
CHANGE = "change"
NEVER = np.iinfo(np.int64).max


def record(
    session: Session,
    job_id: int,
    token: str,
    run_ids: Sequence[int],
    epochs: Sequence[EpochValues],
    by_loss: Collection[int] = (),
) -> int:
    """Write epochs of a job, in order, under its lease's token; writing one again changes nothing. How many rows.

    A run that diverged or stopped gets no rows after the epoch in which it did; ``last`` and ``best`` of its run stay.
    ``best`` is the row of the highest validation score, of equal ones the lowest validation loss, then the earliest;
    of the runs in ``by_loss`` (indices) it is the row of the lowest validation loss, then the earliest. The state$
    before the first step, epoch 0, is a row beside that of epoch 1 and never ``best`` or ``last``: no epoch led to it.
    ``run_ids`` are those of the claim, M of them. Raises LeaseLostError where the token no longer holds.
    """
    if not epochs:
        return 0
    _advance(session, job_id, token, epochs[-1].epoch)
    summary = _Summary(session, job_id, run_ids, by_loss)
    parts = [part for values in epochs for part in _list_parts(run_ids, values, summary.follow(values))]
    rows = _join([part.list_rows() for part in parts])
    bulk.upsert(session, EPOCHS, rows)
    bulk.upsert(session, HISTOGRAMS, _join([part.list_histograms() for part in parts]))
    summary.write(session)
    return len(rows["run_id"])


def _advance(session: Session, job_id: int, token: str, epoch: int) -> None:
    advanced = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.token == token, Job.state == State.RUNNING)
        .values(epoch=epoch)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    if advanced.scalar_one_or_none() is None:
        raise make_lease_lost_error(job_id, token)


class _Summary:
    """``last``, ``best``, divergence and stopping of M runs, brought forward epoch by epoch."""

    def __init__(self, session: Session, job_id: int, run_ids: Sequence[int], by_loss: Collection[int]) -> None:
        columns = (Run.id, Run.diverged_epoch, Run.stopped_epoch, Run.best)
        found = session.execute(select(*columns).where(Run.job_id == job_id))
        rows = {row.id: row for row in found}
        best = [rows[run_id].best or {} for run_id in run_ids]
        self.run_ids = run_ids
        self.diverged = np.array([rows[run_id].diverged_epoch or NEVER for run_id in run_ids], np.int64)
        self.stopped = np.array([rows[run_id].stopped_epoch or NEVER for run_id in run_ids], np.int64)
        self.newly: dict[int, int] = {}
        self.newly_stopped: dict[int, tuple[int, str]] = {}
        self.by_loss = np.isin(np.arange(len(run_ids)), list(by_loss))
        self.score = _read(best, "validation_score", -np.inf)
        self.loss = _read(best, "validation_loss", np.inf)
        self.best: dict[int, EpochValues] = {}
        self.last: dict[int, EpochValues] = {}

    def follow(self, values: EpochValues) -> NDArray[np.bool_]:
        """Add one epoch; (M,) which runs have a row in it."""
        for run in values.diverged:
            if self.diverged[run] > values.epoch:
                self.diverged[run] = self.newly[run] = values.epoch
        alive: NDArray[np.bool_] = np.minimum(self.diverged, self.stopped) >= values.epoch
        for stop in values.stopped:
            if self.stopped[stop.run] > values.epoch:
                self.stopped[stop.run] = values.epoch
                self.newly_stopped[stop.run] = (values.epoch, stop.by)
        score, loss = values.metrics["validation_score"], values.metrics["validation_loss"]
        loss = np.where(np.isfinite(loss), loss, np.inf)
        higher = np.isfinite(score) & ((score > self.score) | ((score == self.score) & (loss < self.loss)))
        better = alive & np.where(self.by_loss, loss < self.loss, higher)
        self.score, self.loss = np.where(better, score, self.score), np.where(better, loss, self.loss)
        self.best.update(dict.fromkeys(np.flatnonzero(better).tolist(), values))
        self.last.update(dict.fromkeys(np.flatnonzero(alive).tolist(), values))
        return alive

    def write(self, session: Session) -> None:
        self._write_ends(session)
        cells: dict[tuple[int, int], str] = {}
        for name, of in (("last", self.last), ("best", self.best)):
            for run, values in of.items():
                if (run, values.epoch) not in cells:
                    cells[run, values.epoch] = _summarize(values, run)
            texts = [cells[run, values.epoch] for run, values in of.items()]
            bulk.overwrite(session, RUNS, {name: texts, "id": self._list_ids(of)})

    def _write_ends(self, session: Session) -> None:
        if self.newly:
            check_transition("run", RUN_TRANSITIONS, State.RUNNING, State.DIVERGED)
            columns: bulk.Columns = {
                "state": [str(State.DIVERGED)] * len(self.newly),
                "diverged_epoch": list(self.newly.values()),
                "id": self._list_ids(self.newly),
            }
            bulk.overwrite(session, RUNS, columns, "state = 'running'")
        stops: bulk.Columns = {
            "stopped_epoch": [epoch for epoch, _ in self.newly_stopped.values()],
            "stopped_by": [by for _, by in self.newly_stopped.values()],
            "id": self._list_ids(self.newly_stopped),
        }
        bulk.overwrite(session, RUNS, stops)

    def _list_ids(self, of: dict[int, Any]) -> list[int]:
        return [self.run_ids[run] for run in of]


def _read(best: list[dict[str, Any]], name: str, default: float) -> NDArray[np.float64]:
    found = (row.get(name) for row in best)
    return np.array([default if value is None else value for value in found], np.float64)


def _summarize(values: EpochValues, run: int) -> str:
    # orjson writes what is not finite as null.
    known = [name for name in (*METRIC_NAMES, CHANGE) if name in values.metrics]
    cells = {"epoch": values.epoch} | {name: float(values.metrics[name][run]) for name in known}
    return orjson.dumps(cells).decode()


def _list_parts(run_ids: Sequence[int], values: EpochValues, alive: NDArray[np.bool_]) -> list[_Part]:
    """Of an epoch, after that of the state before it where it is the first."""
    own = _Part(run_ids, values, alive)
    return [own] if values.start is None else [_Part(run_ids, values.start, alive), own]


class _Part:
    """The rows of one epoch, as columns. ``alive``: (M,) which runs have a row."""

    def __init__(self, run_ids: Sequence[int], values: EpochValues, alive: NDArray[np.bool_]) -> None:
        self.run_ids, self.values, self.alive = run_ids, values, alive

    def list_rows(self) -> bulk.Columns:
        runs = np.flatnonzero(self.alive).tolist()
        losses, steps = np.ascontiguousarray(self.values.batch_losses, "<f4"), self.values.steps
        return {
            "run_id": [self.run_ids[run] for run in runs],
            "epoch": [self.values.epoch] * len(runs),
            **{name: _nullify(self.values.metrics[name][runs]) for name in METRIC_NAMES},
            "batch_losses": [losses[run, : None if steps is None else steps[run]].tobytes() or None for run in runs],
            "layers": self._list_layers(runs),
        }

    def _list_layers(self, runs: list[int]) -> list[bytes | None]:
        if self.values.layers is None:
            return [None] * len(runs)
        layers = np.ascontiguousarray(self.values.layers, "<f4")
        return [None if np.isnan(layers[run]).all() else layers[run].tobytes() for run in runs]

    def list_histograms(self) -> bulk.Columns:
        kept = [histogram for histogram in self.values.histograms if self.alive[histogram.run]]
        return {
            "run_id": [self.run_ids[histogram.run] for histogram in kept],
            "epoch": [self.values.epoch] * len(kept),
            "layer": [histogram.layer for histogram in kept],
            "low": [float(histogram.low) for histogram in kept],
            "high": [float(histogram.high) for histogram in kept],
            "counts": [np.ascontiguousarray(histogram.counts, "<u4").tobytes() for histogram in kept],
        }


def _nullify(column: NDArray[np.float64]) -> list[float | None]:
    finite = np.isfinite(column)
    cells: list[float | None] = column.tolist()
    return cells if finite.all() else [cell if ok else None for cell, ok in zip(cells, finite, strict=True)]


def _join(parts: list[bulk.Columns]) -> bulk.Columns:
    return {name: [cell for part in parts for cell in part[name]] for name in parts[0]}
