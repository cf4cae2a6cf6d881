"""The epoch rows of an experiment as dense arrays: what charts are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.db.models import EpochRow, Job, Run

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RunRows:
    """The rows of ``runs``: each column has shape (M, T), entry t being epoch t + 1, NaN where there is none.

    ``lengths``, shape (M,): epochs that each run has.
    """

    runs: list[Run]
    columns: dict[str, Array]
    lengths: NDArray[np.int64]


def list_jobs(session: Session, experiment_id: int) -> list[Job]:
    return list(session.scalars(select(Job).where(Job.experiment_id == experiment_id).order_by(Job.id)))


def list_runs(session: Session, experiment_id: int, regularizers: Sequence[str] | None = None) -> list[Run]:
    """The runs in the order in which they were planned; of these regularizers only, where given."""
    query = select(Run).where(Run.experiment_id == experiment_id).order_by(Run.id)
    if regularizers is not None:
        query = query.where(Run.regularizer.in_(regularizers))
    return list(session.scalars(query))


def _of(runs: Sequence[Run]) -> ColumnElement[bool]:
    ids = [run.id for run in runs]
    # The runs of an experiment are neighbours, so a range reads them all without thousands of parameters.
    return EpochRow.run_id.between(min(ids), max(ids))


def read_rows(session: Session, runs: Sequence[Run], epochs: dict[int, int], columns: Sequence[str]) -> RunRows:
    """These columns of every row of ``runs``, up to the epoch that ``epochs`` gives for each job."""
    found = np.empty((0, 2 + len(columns)))
    if runs:
        query = select(EpochRow.run_id, EpochRow.epoch, *(getattr(EpochRow, name) for name in columns))
        cursor = session.connection().execute(query.where(_of(runs))).cursor
        assert cursor is not None
        # Past SQLAlchemy's rows: a hundred thousand of them take longer to make than to read.
        rows = cursor.fetchall()
        found = np.array(rows, dtype=np.float64).reshape(len(rows), 2 + len(columns))
    place = {run.id: index for index, run in enumerate(runs)}
    row, epoch = _locate(found, place, np.array([epochs[run.job_id] for run in runs], dtype=np.int64))
    kept = row >= 0
    row, epoch, found = row[kept], epoch[kept], found[kept]
    lengths = np.zeros(len(runs), dtype=np.int64)
    np.maximum.at(lengths, row, epoch)
    shape = (len(runs), int(lengths.max(initial=0)))
    filled = {name: np.full(shape, np.nan) for name in columns}
    for index, name in enumerate(columns):
        filled[name][row, epoch - 1] = found[:, 2 + index]
    return RunRows(list(runs), filled, lengths)


def _locate(
    found: Array, place: dict[int, int], limits: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and epoch of each entry; row -1 for runs that were not asked for and epochs past their job's."""
    ids = found[:, 0].astype(np.int64)
    epoch = found[:, 1].astype(np.int64)
    unique, inverse = np.unique(ids, return_inverse=True)
    row = np.array([place.get(int(identity), -1) for identity in unique], dtype=np.int64)[inverse]
    late = epoch > np.where(row >= 0, limits[row], 0) if limits.size else np.ones(row.shape, dtype=bool)
    return np.where(late, -1, row), epoch


def read_batch_losses(session: Session, runs: Sequence[Run], epochs: dict[int, int]) -> list[list[NDArray[np.float32]]]:
    """The minibatch losses of each run, an array per epoch (empty where none were kept), in order of epoch."""
    losses: dict[int, list[NDArray[np.float32]]] = {run.id: [] for run in runs}
    limit = {run.id: epochs[run.job_id] for run in runs}
    if runs:
        query = select(EpochRow.run_id, EpochRow.epoch, EpochRow.batch_losses).where(_of(runs))
        for identity, epoch, blob in session.execute(query.order_by(EpochRow.run_id, EpochRow.epoch)):
            if epoch <= limit.get(identity, 0):
                losses[identity].append(np.frombuffer(blob or b"", dtype="<f4"))
    return list(losses.values())
