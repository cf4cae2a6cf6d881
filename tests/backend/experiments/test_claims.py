"""The textbook's claims, as the API gives them: from rows as they were recorded, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from core.analysis.claims.records import CLAIMS
from core.catalogue.epoch_values import EpochValues, HistogramValues, StopValues
from core.catalogue.metrics import METRIC_NAMES
from core.db.models import EpochRow
from core.db.queries import epochs
from core.db.queries.histograms import read_largest_weights
from core.db.queries.runs import list_runs
from tests.backend.conftest import Trainer

Spec = dict[str, Any]
Sessions = sessionmaker[Session]
SWEEP: Spec = {"regularizers": [{"name": "l1", "strengths": [0.001, 0.01]}], "seeds": 3, "epochs": 8}


def ask(api: httpx.Client, experiment: int) -> dict[str, Any]:
    answer = api.get(f"/api/experiments/{experiment}/claims")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def find(claims: dict[str, Any], name: str) -> dict[str, Any]:
    return next(verdict for verdict in claims["verdicts"] if verdict["claim"] == name)


def make_values(epoch: int, strengths: list[float], **changes: Any) -> EpochValues:
    """The loss falls to 1 / epoch, the later the stronger; the weights shrink with the strength."""
    slow = np.array([1 + 100 * strength for strength in strengths])
    loss = slow / (slow + epoch)
    metrics = dict.fromkeys(METRIC_NAMES, loss) | {
        "validation_loss": loss + 0.1 * epoch / slow,
        "train_score": 1 - loss,
        "weight_l2": 5 / slow,
        "zero_share": np.array(strengths),
    }
    batches: NDArray[np.float32] = (np.random.default_rng(epoch).normal(size=(1, 4)) / slow[:, None]).astype(np.float32)
    histograms = tuple(
        HistogramValues(run, layer, -low, 1 / own, np.array([1], np.uint32))
        for run, own in enumerate(slow.tolist())
        for layer, low in (("hidden", 2 / own), ("output", 0.5))
    )
    return EpochValues(epoch, metrics, batches, histograms=histograms, **changes)


@pytest.fixture
def sweep(api: httpx.Client, spec: Spec, trainer: Trainer, sessions: Sessions) -> Callable[..., dict[str, Any]]:
    """Submits a sweep and records ``last`` epochs of it, by strength and not by seed."""

    def run(last: int = 8, complete: bool = True, changes: Spec | None = None, **values: Any) -> dict[str, Any]:
        made: dict[str, Any] = api.post("/api/experiments", json=spec | SWEEP | (changes or {})).json()
        for job in made["jobs"]:
            claim = trainer.claim(job["id"])
            with sessions.begin() as session:
                own = {run.id: run for run in list_runs(session, made["id"])}
                # Seeds differ a little, so that they are no copies.
                strengths = [own[run_id].strength + 1e-5 * own[run_id].seed for run_id in claim.run_ids]
                rows = [make_values(epoch, strengths, **values) for epoch in range(1, last + 1)]
                epochs.record(session, job["id"], claim.token, claim.run_ids, rows)
            if complete:
                trainer.complete(job["id"])
        return made

    return run


def test_every_number_is_that_of_the_rows_kept(api: httpx.Client, sweep: Callable[..., dict[str, Any]]) -> None:
    claims = ask(api, sweep()["id"])
    assert (claims["complete"], claims["missing"], claims["epoch"], claims["start"]) == (True, None, 8, 1)
    assert "counted from the end of epoch 1" in claims["note"]
    assert [verdict["claim"] for verdict in claims["verdicts"]] == [claim.name for claim in CLAIMS]
    norm = find(claims, "norm")
    for cell in norm["cells"]:
        for seed, value in cell["values"].items():
            assert value == pytest.approx(5 / (1 + 100 * (cell["strength"] + 1e-5 * int(seed))))
    assert [cell["strength"] for cell in norm["cells"]] == [0, 0.001, 0.01]
    largest = find(claims, "largest_weight")["cells"]
    assert largest[0]["values"]["0"] == pytest.approx(2)
    assert largest[2]["values"]["0"] == pytest.approx(1)
    gap = find(claims, "gap")["cells"]
    assert gap[2]["values"]["0"] == pytest.approx(0.8 / 2)


def test_half_of_the_fall_counts_from_the_first_row_that_is_there(
    api: httpx.Client, sweep: Callable[..., dict[str, Any]], sessions: Sessions
) -> None:
    made = sweep()
    # The baseline's loss is 1/2 after epoch 1 and 1/9 after epoch 8; 1/3 and 1/4 are those of epochs 2 and 3.
    level = (1 / 2 + 1 / 9) / 2
    late = 2 + (1 / 3 - level) / (1 / 3 - 1 / 4)
    assert find(ask(api, made["id"]), "fall_half")["cells"][0]["values"]["0"] == pytest.approx(late)
    with sessions.begin() as session:
        ids = [run.id for run in list_runs(session, made["id"])]
        # As if epoch 1 had been the state before the first step.
        for epoch in range(1, 9):
            session.execute(
                update(EpochRow).where(EpochRow.run_id.in_(ids), EpochRow.epoch == epoch).values(epoch=epoch - 1)
            )
    claims = ask(api, made["id"])
    assert (claims["start"], claims["note"]) == (0, None)
    assert find(claims, "fall_half")["cells"][0]["values"]["0"] == pytest.approx(late - 1)


def test_while_runs_train_they_are_compared_at_an_epoch_that_all_have_come_to(
    api: httpx.Client, sweep: Callable[..., dict[str, Any]]
) -> None:
    made = sweep(last=5, complete=False)
    claims = ask(api, made["id"])
    assert (claims["complete"], claims["epoch"]) == (False, 5)
    assert claims["missing"] == "9 of 9 runs have not ended; the others are compared at epoch 5"


def test_before_the_first_epoch_nothing_is_judged(api: httpx.Client, spec: Spec) -> None:
    made = api.post("/api/experiments", json=spec | SWEEP).json()
    claims = ask(api, made["id"])
    assert (claims["epoch"], claims["verdicts"]) == (0, [])
    assert claims["missing"] == "9 of 9 runs have not ended"


def test_diverged_runs_leave_their_strength_out(api: httpx.Client, sweep: Callable[..., dict[str, Any]]) -> None:
    made = sweep(changes={"regularizers": [{"name": "l1", "strengths": [0.001, 0.01, 0.1]}]}, diverged=(5,))
    out = [
        (cell["strength"], cell["left_out"])
        for verdict in ask(api, made["id"])["verdicts"]
        for cell in verdict["cells"]
        if cell["left_out"] == "diverged"
    ]
    assert out


def test_runs_that_halving_stopped_have_no_end_and_are_said_to_have_none(
    api: httpx.Client, sweep: Callable[..., dict[str, Any]]
) -> None:
    changes = {"regularizers": [{"name": "l1", "strengths": [0.001, 0.01, 0.1]}], "seeds": 1}
    made = sweep(changes=changes, stopped=(StopValues(0, "halving"),))
    cells = [cell for verdict in ask(api, made["id"])["verdicts"] for cell in verdict["cells"]]
    assert "no_number" in {cell["left_out"] for cell in cells}


def test_the_largest_weight_of_a_layer_of_equal_weights_is_theirs(
    api: httpx.Client, spec: Spec, trainer: Trainer, sessions: Sessions
) -> None:
    made = api.post("/api/experiments", json=spec | {"seeds": 1}).json()
    claim = trainer.claim(made["jobs"][0]["id"])
    values = make_values(1, [0.0] * len(claim.run_ids))
    equal = (HistogramValues(0, "output", -0.5, 0.5, np.array([0, 9], np.uint32)),)
    rows = [EpochValues(1, values.metrics, values.batch_losses, histograms=equal)]
    with sessions.begin() as session:
        epochs.record(session, made["jobs"][0]["id"], claim.token, claim.run_ids, rows)
        assert read_largest_weights(session, claim.run_ids[:1]) == {claim.run_ids[0]: {1: 0.0}}


def test_an_experiment_that_is_not_there_is_said(api: httpx.Client) -> None:
    answer = api.get("/api/experiments/99/claims")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
