"""Queries about outcomes: what runs made of each test example."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from core.catalogue.epoch_values import OutcomeValues
from core.db.models import Outcomes, Run

_BYTES = 4


def record(session: Session, run_ids: Sequence[int], values: OutcomeValues) -> None:
    """Replace the outcomes of M runs, in the order of ``run_ids``.

    Runs with non-finite losses, or without test examples, get none.
    """
    losses = np.ascontiguousarray(values.losses, "<f4")
    packed = None if values.hits is None else np.packbits(values.hits, axis=1)
    rows = [
        {
            "run_id": run_id,
            "losses": losses[index].tobytes(),
            "hits": None if packed is None else packed[index].tobytes(),
        }
        for index, run_id in enumerate(run_ids)
        if losses.shape[1] and np.isfinite(losses[index]).all()
    ]
    # An extended training has some already.
    session.execute(delete(Outcomes).where(Outcomes.run_id.in_(run_ids)))
    if rows:
        session.execute(insert(Outcomes), rows)


def read_losses(session: Session, run_ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
    """By run: the loss of each test example (I,). Runs without outcomes are left out."""
    wanted = select(Outcomes.run_id, Outcomes.losses).where(Outcomes.run_id.in_(run_ids))
    return {run_id: np.frombuffer(losses, "<f4") for run_id, losses in session.execute(wanted)}


def read_hits(session: Session, run_ids: Sequence[int]) -> dict[int, NDArray[np.bool_]]:
    """By run: whether each test example was classified rightly (I,). Runs without outcomes are left out."""
    columns = Outcomes.run_id, Outcomes.hits, func.length(Outcomes.losses)
    wanted = select(*columns).where(Outcomes.run_id.in_(run_ids))
    return {run_id: _unpack(hits, size // _BYTES) for run_id, hits, size in session.execute(wanted) if hits is not None}


def read_scales(session: Session, run_ids: Sequence[int]) -> dict[int, float]:
    """By run of a regression: the test loss of guessing the mean, by which R² = 1 − loss / scale."""
    wanted = select(Run.id, Run.test).where(Run.id.in_(run_ids), Run.test.is_not(None))
    found = {run_id: _find_scale(test or {}) for run_id, test in session.execute(wanted)}
    return {run_id: scale for run_id, scale in found.items() if scale is not None}


def _unpack(hits: bytes, examples: int) -> NDArray[np.bool_]:
    return np.unpackbits(np.frombuffer(hits, np.uint8), count=examples).astype(bool)


def _find_scale(test: dict[str, float | None]) -> float | None:
    loss, score = test.get("test_loss"), test.get("test_score")
    if loss is None or score is None or score >= 1 or loss <= 0:
        return None
    return loss / (1 - score)
