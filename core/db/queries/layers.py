"""Queries about the layers of runs, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.catalogue.epoch_values import LAYER_PARTS
from core.db.models import EpochRow, Job, Run


@dataclass(frozen=True)
class RunLayers:
    """``layers``: L names; ``epochs``: (E,) those that have values; ``values``: (E, L, LAYER_PARTS) float32.

    NaN where a layer has no rectified units.
    """

    run_id: int
    layers: list[str]
    epochs: NDArray[np.int64]
    values: NDArray[np.float32]


def count_values(session: Session, experiment_id: int, run_ids: Sequence[int] | None = None) -> int:
    """How many numbers ``read_layers`` would read, at most: of all epochs that are recorded."""
    jobs = session.execute(select(Job.id, Job.epoch, Job.layers).where(Job.experiment_id == experiment_id)).all()
    sizes = {job_id: (epoch + 1) * len(layers or ()) * len(LAYER_PARTS) for job_id, epoch, layers in jobs}
    wanted = select(Run.id, Run.job_id).where(Run.experiment_id == experiment_id)
    chosen = None if run_ids is None else set(run_ids)
    found = session.execute(wanted)
    return sum(sizes.get(job_id, 0) for run_id, job_id in found if chosen is None or run_id in chosen)


def read_layers(session: Session, experiment_id: int, run_ids: Sequence[int] | None = None) -> list[RunLayers]:
    """Of an experiment's runs, by id, epoch 0 first; runs that recorded none are left out."""
    wanted = (
        select(EpochRow.run_id, Job.layers, EpochRow.epoch, EpochRow.layers)
        .join(Run, Run.id == EpochRow.run_id)
        .join(Job, Job.id == Run.job_id)
        .where(Run.experiment_id == experiment_id, EpochRow.layers.is_not(None))
        .order_by(EpochRow.run_id, EpochRow.epoch)
    )
    if run_ids is not None:
        wanted = wanted.where(Run.id.in_(run_ids))
    names: dict[int, list[str]] = {}
    rows: dict[int, list[tuple[int, bytes]]] = {}
    for run_id, layers, epoch, blob in session.execute(wanted):
        names[run_id] = layers or []
        rows.setdefault(run_id, []).append((epoch, blob or b""))
    return [_unpack(run_id, names[run_id], own) for run_id, own in rows.items()]


def _unpack(run_id: int, layers: list[str], rows: list[tuple[int, bytes]]) -> RunLayers:
    epochs, blobs = zip(*rows, strict=True)
    values = np.frombuffer(b"".join(blobs), "<f4").reshape(len(rows), len(layers), len(LAYER_PARTS))
    return RunLayers(run_id, list(layers), np.array(epochs, np.int64), values)
