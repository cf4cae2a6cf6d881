"""The stream of open pages on a real server: what has changed, heartbeats in silence, and refusals with a sentence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from backend.app import create_app
from core.settings import Settings
from tests.backend.conftest import Trainer, run_server
from tests.backend.live.pages import Page
from tests.backend.live.test_experiment_stream import Reader


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings.model_copy(update={"stream_heartbeat_seconds": 0.5}))


@pytest.fixture
def made(api: httpx.Client, spec: dict[str, Any]) -> dict[str, Any]:
    view: dict[str, Any] = api.post("/api/experiments", json=spec).json()
    return view


@contextmanager
def following(url: str, *topics: str) -> Iterator[Reader]:
    reader = Reader(url, f"/api/live?topics={quote(' '.join(topics), safe='')}")
    try:
        yield reader
    finally:
        reader.close()


def read(reader: Reader, topic: str) -> dict[str, Any]:
    """The next update of a topic."""
    while True:
        told: dict[str, Any] = reader.take("update").data
        if told["topic"] == topic:
            return told


def test_a_set_is_brought_up_to_date_from_the_version_that_a_client_has(
    url: str, api: httpx.Client, made: dict[str, Any], trainer: Trainer
) -> None:
    path, job = f"/api/experiments/{made['id']}/figures/curves", made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1)
    page = Page(api.get(path).json())
    with following(url, f"{page.set['topic']}#{page.set['version']}") as reader:
        for epoch in (2, 3, 4):
            trainer.record(job, epoch)
            told = read(reader, page.set["topic"])
            assert told["since"] == page.set["version"]
            page.take(told)
        trainer.complete(job)
        while not page.set["ended"]:
            page.take(read(reader, page.set["topic"]))
    fresh = Page(api.get(path).json())
    assert page.set == fresh.set
    # A client that has all of it is told nothing but that nothing happens.
    with following(url, f"{fresh.set['topic']}#{fresh.set['version']}") as reader:
        assert reader.take("heartbeat", "update").name == "heartbeat"
        assert reader.take("heartbeat", "update").name == "heartbeat"


def test_a_client_of_an_unknown_version_is_told_everything(url: str, api: httpx.Client, made: dict[str, Any]) -> None:
    with following(url, f"{made['id']}/curves#feedbeef.7", f"{made['id']}/state", f"{made['id']}/runs") as reader:
        curves = read(reader, f"{made['id']}/curves")
        assert "since" not in curves
        assert curves["columns"] == api.get(f"/api/experiments/{made['id']}/figures/curves").json()["columns"]
    with following(url, f"{made['id']}/state", f"{made['id']}/runs") as reader:
        assert read(reader, f"{made['id']}/state")["experiment"]["name"] == "a sweep"
    with following(url, f"{made['id']}/runs") as reader:
        assert read(reader, f"{made['id']}/runs")["runs"] == api.get(f"/api/experiments/{made['id']}/runs").json()


def test_state_and_runs_follow_to_the_end(url: str, api: httpx.Client, made: dict[str, Any], trainer: Trainer) -> None:
    job, state, runs = made["jobs"][0]["id"], f"{made['id']}/state", f"{made['id']}/runs"
    with following(url, state, runs) as reader:
        rows: dict[int, Any] = {}
        view: dict[str, Any] = {}
        trainer.train([job])
        deadline = time.monotonic() + 15
        while view.get("state") != "completed" or not rows or any(row["test"] is None for row in rows.values()):
            assert time.monotonic() < deadline, (view.get("state"), rows)
            told = reader.take("update").data
            view = told.get("experiment") or view
            rows |= {row["id"]: row for row in [*told.get("runs", []), *told.get("rows", [])]}
    assert list(rows.values()) == api.get(f"/api/experiments/{made['id']}/runs").json()
    assert view == api.get(f"/api/experiments/{made['id']}").json()


def test_an_edit_and_a_deletion_are_told(url: str, api: httpx.Client, made: dict[str, Any]) -> None:
    state, curves = f"{made['id']}/state", f"{made['id']}/curves"
    with following(url, state, curves) as reader:
        read(reader, state)
        api.patch(f"/api/experiments/{made['id']}", json={"name": "another"})
        assert read(reader, state)["experiment"]["name"] == "another"
        assert api.delete(f"/api/experiments/{made['id']}").status_code == 204
        assert read(reader, state) == {"topic": state, "version": "gone", "gone": True}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "topic",
    [
        "",
        "1",
        "1/",
        "0/state",
        "x/curves",
        "1/state?x=1",
        "1/curves?smoothing=2",
        "1/curves?points=1",
        "99999999999/state",
    ],
)
def test_what_is_no_topic_is_refused_with_an_example(api: httpx.Client, topic: str) -> None:
    answer = api.get("/api/live", params={"topics": topic})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["details"][0]["field"].startswith("topics")
    if error["code"] == "invalid_topic":
        assert "12/curves" in error["details"][0]["expected"]
        assert error["details"][0]["received"] == topic


def test_a_regularizer_that_is_not_there_is_refused(api: httpx.Client, made: dict[str, Any]) -> None:
    answer = api.get("/api/live", params={"topics": f"{made['id']}/curves?regularizer=l2"})
    assert answer.status_code == 422
    assert answer.json()["error"]["details"][0]["field"] == "regularizer"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_topic_is_read_and_written_once_for_all_who_follow_it(
    settings: Settings, spec: dict[str, Any], trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings)
    with run_server(app) as url, httpx.Client(base_url=url, trust_env=False) as api:
        made = api.post("/api/experiments", json=spec).json()
        job, curves = made["jobs"][0]["id"], f"{made['id']}/curves"
        trainer.claim(job)
        trainer.record(job, 1)
        readers = [Reader(url, f"/api/live?topics={quote(curves, safe='')}") for _ in range(12)]
        for reader in readers:
            read(reader, curves)
        topic = app.state.shared.broadcaster.find(curves, lambda: pytest.fail("it is there"))
        advanced = []
        advance = topic._advance

        def count(*given: Any) -> Any:
            advanced.append(1)
            return advance(*given)

        monkeypatch.setattr(topic, "_advance", count)
        trainer.record(job, 2)
        versions = {read(reader, curves)["version"] for reader in readers}
        for reader in readers:
            reader.close()
    assert len(versions) == 1
    assert len(advanced) == 1
