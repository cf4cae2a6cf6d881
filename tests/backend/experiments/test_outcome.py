"""What ended, but not well, and what was asked for and did not come about: in the API and on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from backend.cli import output
from core.catalogue.epoch_values import StopValues
from core.db.queries import epochs
from core.settings import Settings
from tests.backend.conftest import Sessions, Trainer, make_epoch, serve
from tests.backend.live.test_experiment_stream import reading

Spec = dict[str, Any]


@pytest.fixture
def made(api: httpx.Client, spec: Spec) -> dict[str, Any]:
    """One job of six runs: the baseline and two strengths, two seeds each, four epochs; a tolerance."""
    view: dict[str, Any] = api.post("/api/experiments", json=spec | {"tolerance": 1e-6}).json()
    assert len(view["jobs"]) == 1
    return view


def train(trainer: Trainer, job: int, diverged: tuple[int, ...]) -> None:
    trainer.claim(job)
    trainer.record(job, 1)
    trainer.record(job, 2, diverged=diverged)
    trainer.record(job, 3)
    trainer.record(job, 4)
    trainer.complete(job)


@pytest.mark.parametrize(
    ("diverged", "state", "outcome", "has_best", "has_baseline"),
    [
        ((), "completed", "sound", True, True),
        ((4, 5), "completed", "some_diverged", True, True),
        ((2, 3, 4, 5), "diverged", "most_diverged", True, True),
        ((0, 1), "diverged", "baseline_diverged", True, False),
        ((1,), "diverged", "baseline_diverged", True, False),
        ((0, 1, 2, 3, 4, 5), "diverged", "all_diverged", False, False),
    ],
)
def test_an_experiment_that_ended_badly_has_a_state_of_its_own(
    api: httpx.Client, made: dict[str, Any], trainer: Trainer,
    diverged: tuple[int, ...], state: str, outcome: str, has_best: bool, has_baseline: bool,
) -> None:  # fmt: skip
    train(trainer, made["jobs"][0]["id"], diverged)
    view = api.get(f"/api/experiments/{made['id']}").json()
    (row,) = api.get("/api/experiments", params={"state": state}).json()["items"]
    assert (view["state"], view["outcome"], row["state"], row["outcome"]) == (state, outcome) * 2
    others = {"completed", "diverged"} - {state}
    assert api.get("/api/experiments", params={"state": others.pop()}).json()["items"] == []
    assert [job["state"] for job in view["jobs"]] == ["completed"]
    assert (view["best"] is not None, view["best"] is not None and view["best"]["baseline"] is not None) == (
        has_best, has_baseline,
    )  # fmt: skip
    told = [finding for finding in view["findings"] if finding["kind"] == "diverged"]
    assert [finding["count"] for finding in told] == ([len(diverged)] if diverged else [])
    assert row["findings"] == view["findings"]


def test_while_it_trains_it_is_running_and_the_stream_tells_what_diverged(
    url: str, api: httpx.Client, made: dict[str, Any], trainer: Trainer
) -> None:
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    with reading(url, made["id"]) as reader:
        state = reader.take("state").data
        assert (state["outcome"], [f["kind"] for f in state["findings"]]) == ("sound", [])
        trainer.record(job, 1, diverged=tuple(range(6)))
        while state["outcome"] == "sound":
            state = reader.take("state").data
        assert (state["state"], state["outcome"], state["best"]) == ("running", "all_diverged", None)
        assert state["findings"][0]["title"] == "All 6 runs diverged"
    view = api.get(f"/api/experiments/{made['id']}").json()
    assert (view["state"], view["findings"]) == ("running", state["findings"])


def test_extended_it_is_judged_anew(api: httpx.Client, made: dict[str, Any], trainer: Trainer) -> None:
    path = f"/api/experiments/{made['id']}"
    train(trainer, made["jobs"][0]["id"], (2, 3, 4, 5))
    assert api.get(path).json()["state"] == "diverged"
    view = api.post(f"{path}/extend", json={"strengths": {"l1": [1e-6, 2e-6, 3e-6, 4e-6]}}).json()
    assert view["state"] == "running"
    (job,) = [job["id"] for job in view["jobs"] if job["state"] == "queued"]
    train(trainer, job, ())
    view = api.get(path).json()
    assert (view["state"], view["outcome"]) == ("completed", "some_diverged")


def test_a_tolerance_that_was_not_met_is_told(
    api: httpx.Client, made: dict[str, Any], trainer: Trainer, sessions: Sessions
) -> None:
    job = made["jobs"][0]["id"]
    claim = trainer.claim(job)
    trainer.record(job, 1)
    trainer.record(job, 2, stopped=(StopValues(0, "tolerance"), StopValues(1, "tolerance")))
    trainer.record(job, 3, stopped=(StopValues(4, "halving"), StopValues(5, "halving")))
    last = make_epoch(4, 6)
    last.metrics["change"] = np.array([np.nan, np.nan, 2e-5, 1e-4, np.nan, np.nan])
    with sessions.begin() as session:
        epochs.record(session, job, claim.token, claim.run_ids, [last])
    path = f"/api/experiments/{made['id']}"
    assert "not_converged" not in [finding["kind"] for finding in api.get(path).json()["findings"]]
    trainer.complete(job)
    view = api.get(path).json()
    (finding,) = [finding for finding in view["findings"] if finding["kind"] == "not_converged"]
    assert (finding["count"], finding["of"], finding["title"]) == (2, 6, "2 of 6 runs did not converge")
    assert "epoch of 4" in finding["sentence"]
    assert "L1, λ = 10⁻³ by 10⁻⁴" in finding["sentence"]
    runs = api.get(f"{path}/runs").json()
    assert [run["last"].get("change") for run in runs] == [None, None, 2e-5, 1e-4, None, None]
    with output.console.capture() as captured:
        output.print_experiment(view)
    assert "2 of 6 runs did not converge." in captured.get()


def test_an_option_without_effect_is_told_before_and_after(api: httpx.Client, spec: Spec) -> None:
    body = spec | {"schedule": {"name": "step", "every": 30}}
    (sentence,) = api.post("/api/plan", json=body).json()["without_effect"]
    assert "never does" in sentence
    view = api.post("/api/experiments", json=body).json()
    assert [(f["kind"], f["tone"], f["sentence"]) for f in view["findings"]] == [("without_effect", "info", sentence)]
    assert api.post("/api/plan", json=spec).json()["without_effect"] == []


@pytest.fixture
def two_jobs(settings: Settings) -> Iterator[httpx.Client]:
    with serve(settings, planning_slots=2) as api:
        yield api


def test_epochs_are_not_counted_once_for_each_job(two_jobs: httpx.Client, spec: Spec, trainer: Trainer) -> None:
    """Four epochs in two jobs are four, not eight."""
    api = two_jobs
    made = api.post("/api/experiments", json=spec).json()
    path, (first, second) = f"/api/experiments/{made['id']}", [job["id"] for job in made["jobs"]]

    def read() -> tuple[int, int, float, int]:
        progress = api.get(path).json()["progress"]
        return progress["epochs_done"], progress["epochs"], progress["share"], progress["jobs_done"]

    assert read() == (0, 4, 0.0, 0)
    trainer.claim(first)
    trainer.record(first, 1)
    assert read() == (0, 4, 1 / 8, 0)
    trainer.record(first, 2, 3, 4)
    trainer.complete(first)
    assert read() == (2, 4, 0.5, 1)
    trainer.claim(second)
    trainer.record(second, 1, 2, 3)
    assert read() == (3, 4, 7 / 8, 1)
    trainer.record(second, 4)
    trainer.complete(second)
    assert read() == (4, 4, 1.0, 2)
