"""Runs that stop before the last epoch, as the API tells of them: views, progress, the stream, the figures."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from backend.figures.typed_arrays import decode
from core.catalogue.epoch_values import StopValues
from tests.backend.conftest import Trainer
from tests.backend.live.test_experiment_stream import reading

Spec = dict[str, Any]


@pytest.fixture
def made(api: httpx.Client, spec: Spec) -> dict[str, Any]:
    """A queued experiment of one job: the baseline and two strengths, two seeds each, four epochs."""
    view: dict[str, Any] = api.post("/api/experiments", json=spec | {"halving": {"at": [2]}}).json()
    assert len(view["jobs"]) == 1
    return view


HALVED = (StopValues(4, "halving"), StopValues(5, "halving"))


def test_a_halving_is_told_while_it_trains_and_after(api: httpx.Client, made: dict[str, Any], trainer: Trainer) -> None:
    job, path = made["jobs"][0]["id"], f"/api/experiments/{made['id']}"
    trainer.claim(job)
    trainer.record(job, 1)
    view = api.get(path).json()
    assert view["stops"] == []
    # One epoch more of two strengths, then two of one; three of the baseline; two seeds.
    assert view["progress"]["seconds_left"] == pytest.approx((2 * 1 + 1 * 2 + 3) * 2 / (6 / 1.05))
    trainer.record(job, 2, stopped=HALVED)
    trainer.record(job, 3)
    view = api.get(path).json()
    (stops,) = view["stops"]
    assert stops == {
        "by": "halving", "regularizer": "l1", "unit": "strengths", "first": 2, "last": 2, "count": 1, "of": 2,
        "sentence": "Successive halving stopped 1 of 2 strengths of L1 at epoch 2.",
    }  # fmt: skip
    # Six runs of two epochs, four of a third and then of the last; its seconds are those of its slowest run.
    progress = view["progress"]
    assert (progress["epochs_done"], progress["epochs"]) == (3, 4)
    assert progress["run_epochs_per_second"] == pytest.approx((4 * 3 + 2 * 2) / 3.03)
    assert progress["seconds_left"] == pytest.approx(4 / ((4 * 3 + 2 * 2) / 3.03))
    runs = api.get(f"{path}/runs").json()
    assert [(run["state"], run["stopped_epoch"], run["stopped_by"]) for run in runs[3:5]] == [
        ("running", None, None),
        ("running", 2, "halving"),
    ]
    trainer.record(job, 4)
    trainer.complete(job)
    view = api.get(path).json()
    assert view["stops"] == [stops]
    assert {run["state"] for run in api.get(f"{path}/runs").json()} == {"completed"}
    stopped = view["sparklines"]["l1"][1]
    assert (stopped["stopped"], stopped["stopped_epoch"], stopped["seeds"]) == (2, 2, 2)
    # The other strength is best, though in the second epoch the one that was stopped had been.
    assert (view["best"]["cell"]["strength"], view["best"]["cell"]["stopped"]) == (0.001, 0)
    metrics = api.get(f"{path}/metrics").json()["runs"]
    assert [len(run["epoch"]) for run in metrics] == [4, 4, 4, 4, 2, 2]


def test_a_job_that_ends_early_is_done(api: httpx.Client, made: dict[str, Any], trainer: Trainer) -> None:
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1)
    trainer.record(job, 2, stopped=tuple(StopValues(run, "tolerance") for run in range(6)))
    running = api.get(f"/api/experiments/{made['id']}").json()["progress"]
    assert (running["epochs_done"], running["epochs"], running["seconds_left"]) == (2, 4, 0)
    trainer.complete(job)
    view = api.get(f"/api/experiments/{made['id']}").json()
    assert (view["state"], view["progress"]["epochs_done"], view["progress"]["epochs"]) == ("completed", 2, 2)
    (row,) = api.get("/api/experiments").json()["items"]
    assert (row["progress"]["epochs_done"], row["progress"]["epochs"]) == (2, 2)
    sentences = [stops["sentence"] for stops in view["stops"]]
    assert sentences == [
        "2 of 2 runs of the baseline reached the tolerance at epoch 2.",
        "4 of 4 runs of L1 reached the tolerance at epoch 2.",
    ]


def test_the_stream_tells_with_the_epoch_and_the_state(url: str, made: dict[str, Any], trainer: Trainer) -> None:
    job = made["jobs"][0]["id"]
    with reading(url, made["id"]) as reader:
        assert reader.take("state").data["stops"] == []
        trainer.claim(job)
        trainer.record(job, 1)
        assert reader.take("epoch").data["stopped"] == []
        trainer.record(job, 2, stopped=HALVED)
        event = reader.take("epoch")
        runs = trainer.claims[job].run_ids
        assert event.data["runs"] == runs
        assert event.data["stopped"] == [{"run": runs[4], "by": "halving"}, {"run": runs[5], "by": "halving"}]
        state = reader.take("state").data
        while not state["stops"]:
            state = reader.take("state").data
        assert [run["id"] for run in state["runs"] if run["stopped_by"]] == runs[4:]
        trainer.record(job, 3)
        event = reader.take("epoch")
        assert (event.data["runs"], event.data["stopped"]) == (runs[:4], [])
    # Who comes later learns it too.
    with reading(url, made["id"]) as reader:
        assert [len(reader.take("epoch").data["stopped"]) for _ in range(3)] == [0, 2, 0]


def test_halving_keeps_each_regularizer_in_one_job(api: httpx.Client, spec: Spec) -> None:
    regularizers = [{"name": name, "strengths": [0.1, 0.2, 0.3]} for name in ("l1", "l2")]
    body = spec | {"regularizers": regularizers, "halving": {"at": [2]}}
    made = api.post("/api/experiments", json=body).json()
    jobs: dict[str, set[int]] = {}
    for run in api.get(f"/api/experiments/{made['id']}/runs").json():
        jobs.setdefault(run["regularizer"], set()).add(run["job_id"])
    assert all(len(own) == 1 for own in jobs.values())
    assert api.post("/api/plan", json=body).json()["jobs"] == len(made["jobs"])


def test_over_the_strength_the_best_epoch_stands_under_early_stopping(
    api: httpx.Client, spec: Spec, trainer: Trainer
) -> None:
    """Scores rise with the epoch and so do losses, so the first epoch is best by loss."""
    body = spec | {"regularizers": [{"name": "early_stopping", "strengths": [1, 2]}]}
    made = api.post("/api/experiments", json=body).json()
    (job,) = [job["id"] for job in made["jobs"]]
    trainer.claim(job)
    trainer.record(job, 1, by_loss=(2, 3, 4, 5))
    trainer.record(job, 2, by_loss=(2, 3, 4, 5), stopped=tuple(StopValues(run, "early_stopping") for run in (2, 3)))
    trainer.record(job, 3, 4, by_loss=(2, 3, 4, 5))
    trainer.complete(job)
    runs = api.get(f"/api/experiments/{made['id']}/runs").json()
    assert [(run["best"]["epoch"], run["last"]["epoch"]) for run in runs] == [(4, 4)] * 2 + [(1, 2)] * 2 + [(1, 4)] * 2
    columns = api.get(f"/api/experiments/{made['id']}/figures/strength").json()["columns"]
    traces = {trace["meta"]["kind"]: trace for trace in columns[0]["figures"]["validation_score"]["data"]}
    dots, baseline = traces["dots"], traces["baseline"]
    assert decode(dots["y"]) == pytest.approx([1.02, 1.03, 1.04, 1.05], 1e-6)
    assert decode(baseline["y"]) == pytest.approx([4.005] * 2, 1e-6)
    view = api.get(f"/api/experiments/{made['id']}").json()
    assert [cell["score_mean"] for cell in view["sparklines"]["early_stopping"]] == pytest.approx([1.025, 1.045])
    curves = api.get(f"/api/experiments/{made['id']}/metrics").json()["runs"]
    assert [len(run["epoch"]) for run in curves] == [4, 4, 2, 2, 4, 4]
