"""Queries about epoch rows, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.catalogue.metrics import METRIC_NAMES
from core.db.models import EpochRow


@dataclass(frozen=True)
class RunColumns:
    """The epoch rows of one run: ``epochs`` and each metric have shape (E,); NaN where a row has no value."""

    run_id: int
    epochs: NDArray[np.int64]
    metrics: dict[str, NDArray[np.float64]]


def read_columns(
    session: Session,
    run_ids: Sequence[int],
    metrics: Sequence[str] = METRIC_NAMES,
    *,
    after: int = 0,
    until: int | None = None,
) -> list[RunColumns]:
    """The rows of these runs with ``after`` < epoch ≤ ``until``, by rising epoch, in the order of ``run_ids``.

    With ``after`` = 0 that of epoch 0 too, the state before the first step, which trainings of earlier versions lack.
    One query for all of them. A run without rows has columns of length 0.
    """
    columns = [getattr(EpochRow, name) for name in metrics]
    wanted = (
        select(EpochRow.run_id, EpochRow.epoch, *columns)
        .where(*_within(run_ids, after, until))
        .order_by(EpochRow.run_id, EpochRow.epoch)
    )
    cursor = session.connection().execute(wanted).cursor
    assert cursor is not None
    # The driver's tuples: numpy is ten times as slow with SQLAlchemy's rows.
    rows = cursor.fetchall()
    # NULL becomes NaN.
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 2 + len(metrics))
    order = sorted(run_ids)
    bounds = np.searchsorted(table[:, 0], [*order, np.inf])
    pieces = {run_id: table[bounds[i] : bounds[i + 1]] for i, run_id in enumerate(order)}
    return [_make_columns(run_id, pieces[run_id], metrics) for run_id in run_ids]


def _make_columns(run_id: int, table: NDArray[np.float64], metrics: Sequence[str]) -> RunColumns:
    values = {name: np.ascontiguousarray(table[:, 2 + i]) for i, name in enumerate(metrics)}
    return RunColumns(run_id, table[:, 1].astype(np.int64), values)


def _within(run_ids: Sequence[int], after: int, until: int | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [EpochRow.run_id.in_(run_ids)]
    if after:
        conditions.append(EpochRow.epoch > after)
    if until is not None:
        conditions.append(EpochRow.epoch <= until)
    return conditions


def read_batch_losses(
    session: Session, run_ids: Sequence[int], *, after: int = 0, until: int | None = None
) -> dict[int, dict[int, NDArray[np.float32]]]:
    """By run and epoch: the minibatch losses of that epoch, shape (steps,)."""
    wanted = (
        select(EpochRow.run_id, EpochRow.epoch, EpochRow.batch_losses)
        .where(*_within(run_ids, after, until), EpochRow.batch_losses.is_not(None))
        .order_by(EpochRow.run_id, EpochRow.epoch)
    )
    found: dict[int, dict[int, NDArray[np.float32]]] = {run_id: {} for run_id in run_ids}
    for run_id, epoch, blob in session.connection().execute(wanted):
        found[run_id][epoch] = np.frombuffer(blob or b"", dtype="<f4").astype(np.float32)
    return found
