"""A line in the log and a place in the histogram for every request, whatever answers it."""

from __future__ import annotations

import io
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from backend.state import AppState
from core.logs import make_formatter
from core.settings import Settings
from tests.backend.conftest import Trainer

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Line = dict[str, Any]


class Log:
    """What this process logged, read as JSON."""

    def __init__(self, settings: Settings) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(make_formatter(settings.model_copy(update={"log_format": "json"})))

    def read(self) -> list[Line]:
        return [json.loads(line) for line in self._stream.getvalue().splitlines()]

    def wait(self, identity: str, count: int = 1) -> list[Line]:
        """The lines with this request's id, once there are so many."""
        deadline = time.monotonic() + 10
        while len(found := [line for line in self.read() if line.get("request_id") == identity]) < count:
            assert time.monotonic() < deadline, found
            time.sleep(0.01)
        return found


@pytest.fixture
def log(settings: Settings) -> Iterator[Log]:
    kept, root, ours = Log(settings), logging.getLogger(), logging.getLogger("ridgeline")
    level = ours.level
    ours.setLevel(logging.INFO)
    root.addHandler(kept.handler)
    yield kept
    root.removeHandler(kept.handler)
    ours.setLevel(level)


def count(app: FastAPI, **labels: str) -> float:
    shared: AppState = app.state.shared
    samples = (sample for metric in shared.process_metrics.own.collect() for sample in metric.samples)
    return sum(s.value for s in samples if s.name == "ridgeline_request_seconds_count" and s.labels == labels)


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/api/health", "/api/health", 200),
        ("GET", "/api/experiments/12345", "/api/experiments/{experiment_id}", 404),
        ("GET", "/api/experiments/twelve?token=secret", "/api/experiments/{experiment_id}", 422),
        ("PUT", "/api/health", "/api/health", 405),
        ("GET", "/api/nothing/at/all", "none", 404),
        ("GET", "/nothing%0aforged", "none", 404),
        ("MADEUP", "/api/health", "/api/health", 405),
    ],
)
def test_a_request_has_one_line_and_one_place(
    api: httpx.Client, app: FastAPI, log: Log, method: str, path: str, route: str, status: int
) -> None:
    assert api.request(method, path, headers={"X-Request-ID": "mine"}).status_code == status
    (line,) = log.wait("mine")
    named = "other" if method == "MADEUP" else method
    assert line["event"] == f"{named} {route} {status}"
    assert [line[key] for key in ("method", "route", "status", "level")] == [named, route, status, "info"]
    assert (line["logger"], line["client"]) == ("ridgeline.access", "127.0.0.1")
    assert 0 < line["milliseconds"] < 10_000
    assert not {"secret", "forged", "12345", "twelve"} & set(json.dumps(line).replace("/", " ").split())
    assert count(app, method=named, route=route, status=str(status)) == 1


def test_what_middleware_refuses_has_its_line_too(api: httpx.Client, log: Log) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "X-Request-ID": "mine"}
    assert api.post("/api/experiments", json={}, headers=headers).status_code == 403
    assert [line["status"] for line in log.wait("mine")] == [403]


def test_one_without_an_id_is_found_by_the_answers(api: httpx.Client, log: Log) -> None:
    identity = api.get("/api/health").headers["X-Request-ID"]
    assert len(log.wait(identity)) == 1


def test_requests_of_one_connection_keep_their_own_ids(url: str, log: Log) -> None:
    """All sent at once, so that one begins in the wake of another."""
    address = urlsplit(url)
    request = "GET /api/health HTTP/1.1\r\nHost: {host}\r\nX-Request-ID: own-{number}\r\n\r\n"
    with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
        sent = [request.format(host=address.netloc, number=number) for number in range(5)]
        connection.sendall("".join(sent).encode())
        for number in range(5):
            assert [line["route"] for line in log.wait(f"own-{number}")] == ["/api/health"]


def test_why_the_database_does_not_answer_is_found_by_the_requests_id(
    api: httpx.Client, log: Log, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.execute(text("ALTER TABLE experiments RENAME TO lost"))
    assert api.get("/api/experiments/7", headers={"X-Request-ID": "mine"}).status_code == 503
    why, access = log.wait("mine", 2)
    assert "no such table" in why["event"]
    assert (why["level"], access["status"]) == ("error", 503)


def test_a_500_is_an_error_with_a_traceback(api: httpx.Client, app: FastAPI, log: Log) -> None:
    @app.get("/fails/{name}")
    def fail(name: str) -> None:
        raise RuntimeError(f"no {name}\n2026 forged")

    assert api.get("/fails/luck", headers={"X-Request-ID": "mine"}).status_code == 500
    lines = log.wait("mine", 3)
    (access,) = [line for line in lines if line["logger"] == "ridgeline.access"]
    assert (access["status"], access["route"], access["level"]) == (500, "/fails/{name}", "error")
    assert sum("RuntimeError: no luck" in line.get("exception", "") for line in lines) == 1
    assert count(app, method="GET", route="/fails/{name}", status="500") == 1


def test_a_stream_has_its_line_at_its_end_and_is_open_until_then(
    api: httpx.Client, app: FastAPI, log: Log, trainer: Trainer, spec: dict[str, Any]
) -> None:
    made = api.post("/api/experiments", json=spec).json()
    exposition = app.state.shared.process_metrics
    with api.stream("GET", f"/api/experiments/{made['id']}/events", headers={"X-Request-ID": "mine"}) as answer:
        lines = answer.iter_lines()
        next(lines)
        assert exposition.streams._value.get() == 1
        time.sleep(2)
        assert not [line for line in log.read() if line.get("request_id") == "mine"]
        trainer.train([job["id"] for job in made["jobs"]])
        list(lines)
    (line,) = log.wait("mine")
    assert (line["route"], line["status"]) == ("/api/experiments/{experiment_id}/events", 200)
    assert line["milliseconds"] > 2_000
    assert exposition.streams._value.get() == 0
    sums = {s.name: s.value for s in exposition.requests.collect()[0].samples if s.labels.get("route") == line["route"]}
    assert sums["ridgeline_request_seconds_sum"] < 2


def test_what_a_request_queues_is_found_by_its_id(
    api: httpx.Client, log: Log, spec: dict[str, Any], finish: Callable[..., Any]
) -> None:
    made = api.post("/api/experiments", json=spec, headers={"X-Request-ID": "mine"}).json()
    lines = log.wait("mine", 2)
    assert [line["jobs"] for line in lines if "jobs" in line] == [[job["id"] for job in made["jobs"]]]
