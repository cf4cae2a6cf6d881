"""The generalization gap: of each epoch the validation loss less the training loss, as a curve like the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from backend.figures.typed_arrays import decode
from core.db.models import EpochRow


def test_it_is_the_difference_of_the_recorded_losses(
    api: httpx.Client,
    spec: dict[str, Any],
    finish: Callable[..., dict[str, Any]],
    sessions: sessionmaker[Session],
) -> None:
    experiment = finish(spec)["id"]
    with sessions.begin() as session:
        values = {"validation_loss": EpochRow.epoch * 0.5 + EpochRow.run_id, "train_loss": EpochRow.run_id}
        session.execute(update(EpochRow).values(values))
    told = api.get(f"/api/experiments/{experiment}/figures/gap").json()
    figure = told["columns"][0]["figures"]["loss_gap"]
    means = [trace for trace in figure["data"] if trace["meta"]["kind"] == "mean"]
    assert len(means) == 3
    for trace in means:
        np.testing.assert_allclose(decode(trace["y"]), [0.5, 1.0, 1.5, 2.0])
    assert figure["layout"]["meta"]["title"] == "Generalization gap in loss"
    strength = api.get(f"/api/experiments/{experiment}/figures/strength").json()
    assert list(strength["columns"][0]["figures"]) == ["validation_score", "validation_loss", "loss_gap"]
