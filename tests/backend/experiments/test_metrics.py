"""Metrics as columns: chosen, from a cursor on, reduced; and histograms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
import pytest
from sqlalchemy.orm import Session, sessionmaker

from backend.experiments import metrics
from core.catalogue.epoch_values import EpochValues
from core.catalogue.metrics import METRIC_NAMES
from core.db.queries import epochs, jobs
from tests.backend.conftest import Trainer, make_epoch, make_start

Spec = dict[str, Any]
Finish = Callable[[Spec], dict[str, Any]]


def read(api: httpx.Client, experiment: int, **parameters: Any) -> dict[str, Any]:
    answer = api.get(f"/api/experiments/{experiment}/metrics", params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_metric_of_every_run_unless_chosen(api: httpx.Client, finish: Finish, spec: Spec) -> None:
    view = finish(spec)
    everything = read(api, view["id"])
    assert len(everything["runs"]) == 6
    for row in everything["runs"]:
        assert row["epoch"] == [1, 2, 3, 4]
        assert set(row["metrics"]) == set(METRIC_NAMES)
        assert (row["shown"], row["total"]) == (4, 4)
    chosen = [row["run"] for row in everything["runs"]][:2]
    some = read(api, view["id"], metric=["train_loss", "zero_share"], run=chosen)
    assert [row["run"] for row in some["runs"]] == chosen
    assert set(some["runs"][0]["metrics"]) == {"train_loss", "zero_share"}
    assert some["runs"][1]["metrics"]["train_loss"] == pytest.approx([1.01, 2.01, 3.01, 4.01])


def test_a_cursor_gives_only_what_is_newer(api: httpx.Client, trainer: Trainer, spec: Spec) -> None:
    made = api.post("/api/experiments", json=spec).json()
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1, 2)
    first = read(api, made["id"])
    assert first["cursor"] == f"{job}:2:0"
    assert all(row["epoch"] == [] for row in read(api, made["id"], after=first["cursor"])["runs"])
    trainer.record(job, 3)
    assert all(row["epoch"] == [3] for row in read(api, made["id"], after=first["cursor"])["runs"])
    # A new attempt: what the reader has is gone, so it gets all there is.
    trainer.release(job)
    trainer.claim(job)
    trainer.record(job, 1)
    again = read(api, made["id"], after=first["cursor"])
    assert all(row["epoch"] == [1] for row in again["runs"])
    assert again["cursor"] == f"{job}:1:1"


def test_the_state_before_the_first_step_is_epoch_0(api: httpx.Client, trainer: Trainer, spec: Spec) -> None:
    """What only steps have is null; a cursor after epoch 1 does not give it again; best and progress are of epochs."""
    made = api.post("/api/experiments", json=spec).json()
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1, start=True)
    first = read(api, made["id"])
    assert first["cursor"] == f"{job}:1:0"
    for row in first["runs"]:
        assert row["epoch"] == [0, 1]
        assert row["metrics"]["train_loss"][0] is not None
        assert row["metrics"]["gradient_norm"][0] is None
    trainer.record(job, 2)
    assert all(row["epoch"] == [2] for row in read(api, made["id"], after=first["cursor"])["runs"])
    view = api.get(f"/api/experiments/{made['id']}").json()
    assert view["progress"]["epochs_done"] == 2
    # A new attempt begins anew: it comes again, once.
    trainer.release(job)
    trainer.claim(job)
    assert all(row["epoch"] == [] for row in read(api, made["id"])["runs"])
    trainer.record(job, 1, start=True)
    assert all(row["epoch"] == [0, 1] for row in read(api, made["id"], after=first["cursor"])["runs"])


@pytest.mark.parametrize("options", ["x=epoch", "x=seconds", "seeds=mean", "smoothing=0.6"])
@pytest.mark.parametrize("figure", ["curves", "weights", "batches"])
def test_curves_begin_with_the_first_epoch(
    api: httpx.Client, trainer: Trainer, spec: Spec, figure: str, options: str
) -> None:
    """So that they are what they were before the state before it was recorded."""
    drawn = []
    for start in (False, True):
        made = api.post("/api/experiments", json=spec).json()
        job = made["jobs"][0]["id"]
        trainer.claim(job)
        trainer.record(job, 1, 2, 3, 4, start=start)
        trainer.complete(job)
        answer = api.get(f"/api/experiments/{made['id']}/figures/{figure}?{options}")
        assert answer.status_code == 200, answer.text
        columns = answer.json()["columns"]
        figures = [own for column in columns for own in column["figures"].values()]
        drawn.append([(trace["x"], trace["y"]) for own in figures for trace in own["data"]])
    assert drawn[0]
    assert drawn[0] == drawn[1]


def test_reduction_keeps_the_extremes_of_every_metric(
    api: httpx.Client, trainer: Trainer, spec: Spec, sessions: sessionmaker[Session]
) -> None:
    made = api.post("/api/experiments", json=spec | {"epochs": 500}).json()
    job = made["jobs"][0]["id"]
    claim = trainer.claim(job)
    generator = np.random.default_rng(0)
    table = generator.normal(size=(500, len(METRIC_NAMES), 6))
    with sessions.begin() as session:
        values = [
            EpochValues(i + 1, dict(zip(METRIC_NAMES, row, strict=True)), np.zeros((6, 1), np.float32))
            for i, row in enumerate(table)
        ]
        epochs.record(session, job, claim.token, claim.run_ids, values)
    for row in read(api, made["id"], points=120, metric=["train_loss", "validation_loss"])["runs"]:
        assert row["total"] == 500
        assert row["shown"] == len(row["epoch"]) <= 120
        assert row["epoch"] == sorted(set(row["epoch"]))
        assert (row["epoch"][0], row["epoch"][-1]) == (1, 500)
        run = claim.run_ids.index(row["run"])
        for index, name in enumerate(METRIC_NAMES[:2]):
            assert min(row["metrics"][name]) == pytest.approx(table[:, index, run].min())
            assert max(row["metrics"][name]) == pytest.approx(table[:, index, run].max())


def test_what_is_not_finite_is_null(
    api: httpx.Client, trainer: Trainer, spec: Spec, sessions: sessionmaker[Session]
) -> None:
    made = api.post("/api/experiments", json=spec).json()
    job = made["jobs"][0]["id"]
    claim = trainer.claim(job)
    losses = np.array([np.inf, np.nan, 1.0, 1.0, 1.0, 1.0])
    values = EpochValues(1, dict.fromkeys(METRIC_NAMES, losses), np.full((6, 2), np.inf, np.float32), diverged=(0, 1))
    with sessions.begin() as session:
        epochs.record(session, job, claim.token, claim.run_ids, [values])
    rows = {row["run"]: row["metrics"]["train_loss"] for row in read(api, made["id"])["runs"]}
    assert [rows[run] for run in claim.run_ids] == [[None], [None], [1.0], [1.0], [1.0], [1.0]]


def test_histograms_by_run_and_layer(api: httpx.Client, finish: Finish, spec: Spec) -> None:
    view = finish(spec)
    path = f"/api/experiments/{view['id']}/histograms"
    everything = api.get(path).json()
    assert len(everything) == 6
    run = everything[0]["run"]
    assert api.get(path, params={"run": run, "layer": "output"}).json() == [
        {"run": run, "epoch": 1, "layer": "output", "low": -1.0, "high": 1.0, "counts": [1, 2, 3]}
    ]
    assert api.get(path, params={"layer": "hidden9"}).json() == []


def test_layers_by_run_and_layer(
    api: httpx.Client, trainer: Trainer, spec: Spec, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = api.post("/api/experiments", json=spec).json()
    path, job = f"/api/experiments/{made['id']}/layers", made["jobs"][0]["id"]
    assert api.get(path).json() == []
    claim = trainer.claim(job)
    values = np.arange(6 * 2 * 3, dtype=np.float32).reshape(6, 2, 3)
    values[:, 1, 2] = np.nan
    with sessions.begin() as session:
        jobs.keep_layers(session, job, claim.token, ("hidden1", "output"))
        epoch = replace(make_epoch(1, 6), layers=values, start=replace(make_start(6), layers=values + 100))
        epochs.record(session, job, claim.token, claim.run_ids, [epoch])
    everything = api.get(path).json()
    assert [(row["run"], row["layer"]) for row in everything] == [
        (run, layer) for run in claim.run_ids for layer in ("hidden1", "output")
    ]
    run = claim.run_ids[1]
    assert api.get(path, params={"run": run, "layer": "output"}).json() == [
        {
            "run": run,
            "layer": "output",
            "epoch": [0, 1],
            "norm": [109.0, 9.0],
            "zero_share": [110.0, 10.0],
            "dead_share": [None, None],
        }
    ]
    monkeypatch.setattr(metrics, "MAX_LAYER_VALUES", 20)
    refused = api.get(path)
    assert refused.status_code == 422
    error = refused.json()["error"]
    (detail,) = error["details"]
    assert (error["code"], detail["field"], detail["expected"]) == ("too_large", "run", "fewer runs")
    assert error["message"] == "These layers are 72 numbers; one response holds at most 20."
    assert api.get(path, params={"run": run}).status_code == 200
