"""What the curves show, as the answer has it: from rows as they were recorded, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.catalogue.epoch_values import EpochValues
from core.catalogue.metrics import METRIC_NAMES
from core.db.queries import epochs
from core.db.queries.runs import list_runs
from tests.backend.conftest import Trainer

Spec = dict[str, Any]
Sessions = sessionmaker[Session]
SWEEP: Spec = {"regularizers": [{"name": "l2", "strengths": [0.01, 1.0]}], "seeds": 3, "epochs": 12}


def make_values(epoch: int, cells: list[tuple[float, int]]) -> EpochValues:
    """Free, the loss turns up at epoch 5 and all is learnt by heart; the largest strength learns nothing."""
    free = np.array([strength == 0 for strength, _ in cells])
    idle = np.array([strength == 1 for strength, _ in cells])
    seed = np.array([seed for _, seed in cells])
    loss = np.where(idle, 2.3, 1 / epoch)
    metrics = dict.fromkeys(METRIC_NAMES, loss) | {
        "train_score": np.where(idle, 0.1, np.minimum(1.0, 0.5 + 0.1 * epoch)),
        "validation_loss": np.where(free, 1 + (0.1 + 0.001 * seed) * abs(epoch - 5), loss + 0.1) + 0.01 * seed**2,
        "validation_score": np.where(idle, 0.1, 0.7 + 0.01 * seed),
    }
    return EpochValues(epoch, metrics, np.ones((len(cells), 2), np.float32))


@pytest.fixture
def sweep(api: httpx.Client, spec: Spec, trainer: Trainer, sessions: Sessions) -> Callable[..., dict[str, Any]]:
    def run(last: int = 12) -> dict[str, Any]:
        made: dict[str, Any] = api.post("/api/experiments", json=spec | SWEEP).json()
        for job in made["jobs"]:
            claim = trainer.claim(job["id"])
            with sessions.begin() as session:
                own = {run.id: run for run in list_runs(session, made["id"])}
                cells = [(own[run_id].strength, own[run_id].seed) for run_id in claim.run_ids]
                rows = [make_values(epoch, cells) for epoch in range(1, last + 1)]
                epochs.record(session, job["id"], claim.token, claim.run_ids, rows)
            if last == 12:
                trainer.complete(job["id"])
        return made

    return run


def ask(api: httpx.Client, experiment: int) -> dict[str, dict[str, Any]]:
    answer = api.get(f"/api/experiments/{experiment}/answer")
    assert answer.status_code == 200, answer.text
    return {each["kind"]: each for each in answer.json()["observations"]}


def test_the_answer_has_sentences_whose_numbers_are_those_of_the_rows(
    api: httpx.Client, sweep: Callable[..., dict[str, Any]]
) -> None:
    found = ask(api, sweep()["id"])
    assert list(found) == ["over_fitting", "by_heart", "gap", "learns_nothing"]
    turn = found["over_fitting"]["numbers"]
    assert (turn["epoch"], turn["last_epoch"], turn["seeds"]) == (5, 12, 3)
    assert (turn["lowest"], turn["end"]) == pytest.approx((1 + 0.05 / 3, 1.707 + 0.05 / 3))
    assert found["by_heart"]["numbers"]["epoch"] == 5
    assert found["by_heart"]["numbers"]["validation_score"] == pytest.approx(0.71)
    gap = found["gap"]
    assert (gap["regularizer"], gap["strength"], gap["chart"]) == ("l2", 0.01, "validation_loss")
    assert gap["numbers"]["gap"] == pytest.approx(0.1 + 0.05 / 3)
    assert gap["numbers"]["baseline_gap"] == pytest.approx(1.707 - 1 / 12 + 0.05 / 3)
    assert found["learns_nothing"]["strength"] == 1


def test_while_it_trains_only_what_the_curves_show_already_is_said(
    api: httpx.Client, sweep: Callable[..., dict[str, Any]]
) -> None:
    found = ask(api, sweep(last=8)["id"])
    assert list(found) == ["over_fitting"]
    assert found["over_fitting"]["numbers"]["last_epoch"] == 8


def test_before_the_first_epoch_nothing_is_said(api: httpx.Client, spec: Spec) -> None:
    assert ask(api, api.post("/api/experiments", json=spec | SWEEP).json()["id"]) == {}
