"""What a page has that was told of every change is what a page has that is opened now."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from backend.live.topic_addresses import find_topic
from core.catalogue.epoch_values import StopValues
from tests.backend.conftest import Trainer
from tests.backend.live.pages import Page

LOOKS = (
    "curves",
    "curves?seeds=mean&smoothing=0.9",
    "curves?x=seconds&regularizer=l1&regularizer=l2",
    "curves?points=12&smoothing=0.5",
    "batches",
    "batches?x=seconds&points=20",
    "weights?start=2&stop=5",
    "gap?seeds=mean",
    "ridgelines?regularizer=l1&regularizer=l2",
    "ridgelines?epoch=10",
    "strength",
    "claims",
)


class Viewer:
    """A page that looks at one topic, and another that is opened whenever the two are compared."""

    def __init__(self, app: FastAPI, api: httpx.Client, experiment: int, look: str) -> None:
        self._app, self._api, self._experiment, self._look = app, api, experiment, look
        self.page = self.open()
        self.whole = 0

    def open(self) -> Page:
        answer = self._api.get(f"/api/experiments/{self._experiment}/figures/{self._look}")
        assert answer.status_code == 200, answer.text
        return Page(answer.json())

    def follow(self) -> None:
        """As its stream tells it."""
        topic, _ = find_topic(self._app.state.shared, self.page.set["topic"])
        topic.refresh()
        assert topic.history is not None
        updates = topic.history.list_updates(self.page.set["version"])
        if updates is None:
            self.whole += 1
            self.page.take(json.loads(topic.read_body()[1].plain))
        for update in updates or ():
            self.page.take(json.loads(update.data))

    def compare(self) -> None:
        fresh = self.open()
        assert self.page.set == fresh.set, self._look
        np.testing.assert_equal(self.page.columns, fresh.columns, err_msg=self._look)


def submit(api: httpx.Client, spec: dict[str, Any], **change: Any) -> dict[str, Any]:
    answer = api.post("/api/experiments", json=spec | change)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture
def sweep(api: httpx.Client, spec: dict[str, Any]) -> dict[str, Any]:
    regularizers = [{"name": "l1", "strengths": [0.001, 0.01]}, {"name": "l2", "strengths": [0, 0.1]}]
    return submit(api, spec, regularizers=regularizers, epochs=60, seeds=3)


def test_told_step_by_step_is_drawn_anew(
    app: FastAPI, api: httpx.Client, sweep: dict[str, Any], trainer: Trainer
) -> None:
    viewers = [Viewer(app, api, sweep["id"], look) for look in LOOKS]
    chance = random.Random(11)

    def look() -> None:
        for viewer in viewers:
            if chance.random() < 0.7:
                viewer.follow()
            if chance.random() < 0.4:
                viewer.follow()
                viewer.compare()

    rewinds = 0
    for job in sweep["jobs"]:
        epoch = 0
        trainer.claim(job["id"])
        while epoch < 60:
            step = min(chance.choice([1, 2, 7]), 60 - epoch)
            diverged = (1,) if epoch > 20 else ()
            stopped = (StopValues(2, "early_stopping"),) if epoch == 30 else ()
            trainer.record(job["id"], *range(epoch + 1, epoch + step + 1), diverged=diverged, stopped=stopped)
            epoch += step
            if chance.random() < 0.1:
                rewinds += 1
                trainer.release(job["id"])
                epoch = max(0, epoch - chance.choice([0, 3, 20]))
                trainer.claim(job["id"], epoch)
            look()
        trainer.complete(job["id"])
        look()
    for viewer in viewers:
        viewer.follow()
        viewer.compare()
    whole = {look: viewer.whole for look, viewer in zip(LOOKS, viewers, strict=True)}
    # Sent whole: the chart over the strength once it has a baseline and once it has test, ridgelines with every ridge.
    # Claims need runs. A rewind takes each of them away, until they are there again.
    most = 2 * (len(sweep["jobs"]) + rewinds)
    renewed = [whole.pop(name) for name in LOOKS if name.startswith(("strength", "claims", "ridgelines"))]
    assert all(0 < times <= most for times in renewed), renewed
    assert not any(whole.values()), f"all else is sent by changes: {whole}"


def test_a_page_opened_on_a_later_attempt_hears_of_its_first_rewind(
    app: FastAPI, api: httpx.Client, sweep: dict[str, Any], trainer: Trainer
) -> None:
    job = sweep["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, *range(1, 41))
    viewer = Viewer(app, api, sweep["id"], "curves")
    trainer.release(job)
    trainer.claim(job, 30)
    viewer.follow()
    viewer.compare()
    lines = [line for trace in viewer.page.columns[0]["figures"]["train_loss"]["data"] for line in trace["lines"]]
    assert max(len(x) for x, _ in lines) == 30
    assert viewer.page.set["cursor"] == f"{job}:30:1" + "".join(f",{other['id']}:0:0" for other in sweep["jobs"][1:])


@pytest.mark.parametrize("extension", [{"seeds": 4}, {"strengths": {"l1": [0.1, 0.5]}}], ids=["seed", "strengths"])
def test_an_extension_while_looking_is_drawn_as_it_would_be_anew(
    app: FastAPI,
    api: httpx.Client,
    spec: dict[str, Any],
    finish: Callable[..., dict[str, Any]],
    trainer: Trainer,
    extension: dict[str, Any],
) -> None:
    experiment = finish(spec | {"epochs": 60, "seeds": 3})
    viewers = [Viewer(app, api, experiment["id"], look) for look in LOOKS if "l2" not in look]
    answer = api.post(f"/api/experiments/{experiment['id']}/extend", json=extension)
    assert answer.status_code == 200, answer.text
    new = [job for job in answer.json()["jobs"] if job["state"] == "queued"]
    for job in new:
        trainer.claim(job["id"], job["epoch"])
        for epoch in range(job["epoch"] + 1, job["epochs"] + 1, 9):
            trainer.record(job["id"], *range(epoch, min(epoch + 9, job["epochs"] + 1)))
            for viewer in viewers:
                viewer.follow()
                viewer.compare()
        trainer.complete(job["id"])
    for viewer in viewers:
        viewer.follow()
        viewer.compare()


def test_a_deleted_experiment_is_told_as_gone(app: FastAPI, api: httpx.Client, sweep: dict[str, Any]) -> None:
    viewer = Viewer(app, api, sweep["id"], "curves")
    topic, _ = find_topic(app.state.shared, viewer.page.set["topic"])
    api.delete(f"/api/experiments/{sweep['id']}")
    topic.refresh()
    assert json.loads(topic.read_body()[1].plain) == {"topic": topic.address, "version": "gone", "gone": True}
    assert api.get(f"/api/experiments/{sweep['id']}/figures/curves").status_code == 404


def test_all_who_look_in_one_way_share_one_topic(app: FastAPI, api: httpx.Client, sweep: dict[str, Any]) -> None:
    for query in ("", "?x=epoch", "?smoothing=0&seeds=all"):
        answer = api.get(f"/api/experiments/{sweep['id']}/figures/curves{query}").json()
        assert answer["topic"] == f"{sweep['id']}/curves"
    other = api.get(f"/api/experiments/{sweep['id']}/figures/curves?x=seconds").json()
    assert other["topic"] == f"{sweep['id']}/curves?x=seconds"
    history = find_topic(app.state.shared, other["topic"])[0].history
    assert history is not None
    assert history.version == other["version"]
