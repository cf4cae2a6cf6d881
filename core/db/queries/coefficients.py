"""Queries about coefficients of linear networks, as paths over the strengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.orm import Session

from core.catalogue.epoch_values import CoefficientValues
from core.db.models import Coefficients, Run


@dataclass(frozen=True)
class Path:
    """S runs of one regularizer, seed and split, by rising strength. ``weights``: (S, outputs, features).

    ``intercepts``: (S, outputs); None without an intercept. Both float64.
    """

    regularizer: str
    seed: int
    split: int
    strengths: list[float]
    run_ids: list[int]
    weights: NDArray[np.float64]
    intercepts: NDArray[np.float64] | None


def record(session: Session, run_ids: Sequence[int], values: CoefficientValues) -> None:
    """Replace the coefficients of M runs, in the order of ``run_ids``; runs with non-finite ones get none."""
    weights = np.ascontiguousarray(values.weights, "<f8")
    intercepts = None if values.intercepts is None else np.ascontiguousarray(values.intercepts, "<f8")
    rows = [
        {
            "run_id": run_id,
            "outputs": weights.shape[1],
            "weights": weights[index].tobytes(),
            "intercepts": None if intercepts is None else intercepts[index].tobytes(),
        }
        for index, run_id in enumerate(run_ids)
        if np.isfinite(weights[index]).all()
    ]
    # An extended training has some already.
    session.execute(delete(Coefficients).where(Coefficients.run_id.in_(run_ids)))
    if rows:
        session.execute(insert(Coefficients), rows)


def count_bytes(session: Session, experiment_id: int, regularizer: str | None = None, seed: int | None = None) -> int:
    """The size of the weights that ``list_paths`` would read."""
    total = select(func.coalesce(func.sum(func.length(Coefficients.weights)), 0)).join(Run)
    return int(session.execute(total.where(*_choose(experiment_id, regularizer, seed))).scalar_one())


def list_paths(
    session: Session, experiment_id: int, regularizer: str | None = None, seed: int | None = None
) -> list[Path]:
    """The paths of ended runs, in the order of the experiment's regularizers, then seeds, then splits."""
    wanted = (
        select(Run.id, Run.regularizer, Run.strength, Run.seed, Run.split, Coefficients)
        .join(Coefficients, Coefficients.run_id == Run.id)
        .where(*_choose(experiment_id, regularizer, seed))
        .order_by(Run.id)
    )
    found: dict[tuple[str, int, int], list[tuple[float, int, Coefficients]]] = {}
    for run_id, key, strength, own_seed, split, row in session.execute(wanted):
        found.setdefault((key, own_seed, split), []).append((strength, run_id, row))
    return [_join(*place, sorted(rows, key=lambda row: row[0])) for place, rows in found.items()]


def _choose(experiment_id: int, regularizer: str | None, seed: int | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Run.experiment_id == experiment_id]
    if regularizer is not None:
        conditions.append(Run.regularizer == regularizer)
    if seed is not None:
        conditions.append(Run.seed == seed)
    return conditions


def _join(regularizer: str, seed: int, split: int, rows: Sequence[tuple[float, int, Coefficients]]) -> Path:
    weights = [np.frombuffer(row.weights, "<f8").reshape(row.outputs, -1) for _, _, row in rows]
    intercepts = [np.frombuffer(row.intercepts, "<f8") for _, _, row in rows if row.intercepts is not None]
    strengths, run_ids = [strength for strength, _, _ in rows], [run_id for _, run_id, _ in rows]
    stacked = np.stack(intercepts) if intercepts else None
    return Path(regularizer, seed, split, strengths, run_ids, np.stack(weights), stacked)
