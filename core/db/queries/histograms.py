"""Queries about histograms of weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.db.models import EpochRow, Histogram, Run


@dataclass(frozen=True)
class LayerHistogram:
    """The weights of one layer of one run: ``counts`` in bins of equal width from ``low`` to ``high``.

    ``zero_share``: the share of exact zeros among all weights of the run in that epoch; None where it is unknown.
    """

    run_id: int
    epoch: int
    layer: str
    low: float
    high: float
    counts: NDArray[np.int64]
    zero_share: float | None


def list_histograms(
    session: Session, experiment_id: int, *, run_ids: Sequence[int] | None = None, layer: str | None = None
) -> list[Histogram]:
    """Histograms of an experiment's runs, by run, layer and epoch."""
    conditions: list[ColumnElement[bool]] = [Run.experiment_id == experiment_id]
    if run_ids is not None:
        conditions.append(Run.id.in_(run_ids))
    if layer is not None:
        conditions.append(Histogram.layer == layer)
    wanted = select(Histogram).join(Run, Run.id == Histogram.run_id).where(*conditions)
    ordered = wanted.order_by(Histogram.run_id, Histogram.layer, Histogram.epoch)
    return list(session.execute(ordered).scalars())


def read_counts(histogram: Histogram) -> list[int]:
    """The counts of its bins."""
    counts: list[int] = np.frombuffer(histogram.counts, dtype="<u4").tolist()
    return counts


def list_epochs(session: Session, experiment_id: int, regularizers: Sequence[str]) -> list[int]:
    """The epochs of which there are histograms of runs of these regularizers, rising."""
    wanted = select(Histogram.epoch).join(Run, Run.id == Histogram.run_id).where(*_choose(experiment_id, regularizers))
    return list(session.execute(wanted.distinct().order_by(Histogram.epoch)).scalars())


def read_newest(
    session: Session, experiment_id: int, regularizers: Sequence[str], until: int | None = None
) -> list[LayerHistogram]:
    """Of each run the histograms of its newest epoch that has some, up to the epoch ``until``; of all layers."""
    conditions = _choose(experiment_id, regularizers)
    if until is not None:
        conditions.append(Histogram.epoch <= until)
    newest = (
        select(Histogram.run_id, func.max(Histogram.epoch).label("epoch"))
        .join(Run, Run.id == Histogram.run_id)
        .where(*conditions)
        .group_by(Histogram.run_id)
        .subquery()
    )
    wanted = (
        select(Histogram, EpochRow.__table__.c.zero_share)
        .join(newest, (newest.c.run_id == Histogram.run_id) & (newest.c.epoch == Histogram.epoch))
        .outerjoin(EpochRow, (EpochRow.run_id == Histogram.run_id) & (EpochRow.epoch == Histogram.epoch))
        .order_by(Histogram.run_id, Histogram.layer)
    )
    return [
        LayerHistogram(
            own.run_id, own.epoch, own.layer, own.low, own.high,
            np.frombuffer(own.counts, dtype="<u4").astype(np.int64), share,
        )
        for own, share in session.execute(wanted)
    ]  # fmt: skip


def _choose(experiment_id: int, regularizers: Sequence[str]) -> list[ColumnElement[bool]]:
    return [Run.experiment_id == experiment_id, Run.regularizer.in_(regularizers)]


def read_largest_weights(session: Session, run_ids: Sequence[int]) -> dict[int, dict[int, float]]:
    """By run and epoch with histograms: the largest |w|. Of a layer of equal weights the histogram is one wide."""
    wanted = select(Histogram.run_id, Histogram.epoch, Histogram.low, Histogram.high)
    found: dict[int, dict[int, float]] = {run_id: {} for run_id in run_ids}
    for run_id, epoch, low, high in session.execute(wanted.where(Histogram.run_id.in_(run_ids))):
        largest = abs(low + high) / 2 if high - low == 1 else max(abs(low), abs(high))
        found[run_id][epoch] = max(largest, found[run_id].get(epoch, 0.0))
    return found
