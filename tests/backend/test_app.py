"""The app as a whole: its description, its readiness, the page's files, and what it answers when parts are away."""

from __future__ import annotations

import socket
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from backend.app import create_app
from backend.frontend_files import FrontendFiles
from backend.openapi.__main__ import TARGET, render
from backend.plotly_bundle import find_plotly, read_plotly
from core.db.queries import workers
from core.settings import Settings
from tests.backend.conftest import Trainer, run_server

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_description_for_the_pages_client_is_up_to_date() -> None:
    assert TARGET.read_text(encoding="utf-8") == render(), "write it anew with: python -m backend.openapi"


@sqlite_only
def test_every_route_has_a_summary_and_every_error_one_shape(api: httpx.Client) -> None:
    schema = api.get("/api/openapi.json").json()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    reference = answer["content"]["application/json"]["schema"]["$ref"]
                    assert reference == "#/components/schemas/ErrorResponse", (method, path, status)
    assert "HTTPValidationError" not in schema["components"]["schemas"]


@sqlite_only
def test_examples_work_as_they_stand(api: httpx.Client) -> None:
    schema = api.get("/api/openapi.json").json()
    body = schema["paths"]["/api/experiments"]["post"]["requestBody"]["content"]["application/json"]
    for example in body["examples"].values():
        assert api.post("/api/experiments", json=example["value"]).status_code == 201
    assert api.post("/api/experiments", json=api.get("/api/demonstration").json()).status_code == 201


def test_ready_with_the_newest_schema_only(api: httpx.Client, sessions: sessionmaker[Session]) -> None:
    assert api.get("/api/health").json() == {"status": "ok"}
    ready = api.get("/api/ready").json()
    assert (ready["status"], ready["broker_reachable"]) == ("ready", True)
    with sessions.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = api.get("/api/ready")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "not_ready"


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"postgresql+psycopg://nobody@127.0.0.1:{free.getsockname()[1]}/nothing"
        with (
            run_server(create_app(Settings(home=tmp_path, database_url=url))) as address,
            httpx.Client(base_url=address, trust_env=False) as client,
        ):
            assert client.get("/api/health").status_code == 200
            for path in ("/api/ready", "/api/experiments"):
                answer = client.get(path)
                assert answer.status_code == 503
                assert answer.json()["error"]["code"] == "database_unavailable"


@sqlite_only
@pytest.mark.parametrize("listens", [True, False], ids=["silent", "closed"])
def test_a_broker_that_is_away_delays_no_submission(settings: Settings, spec: dict[str, Any], listens: bool) -> None:
    with socket.socket() as broker:
        broker.bind(("127.0.0.1", 0))
        if listens:
            broker.listen(0)
        away = settings.model_copy(update={"broker_url": f"redis://127.0.0.1:{broker.getsockname()[1]}/0"})
        with (
            run_server(create_app(away)) as address,
            httpx.Client(base_url=address, trust_env=False) as client,
        ):
            start = time.monotonic()
            answer = client.post("/api/experiments", json=spec)
            assert time.monotonic() - start < 2
            assert answer.status_code == 201
            assert answer.json()["state"] == "queued"
            assert client.get("/api/system").json()["broker_reachable"] is False
            assert client.get("/api/ready").json()["broker_reachable"] is False


def test_system_tells_workers_and_queue(
    api: httpx.Client, trainer: Trainer, spec: dict[str, Any], sessions: sessionmaker[Session]
) -> None:
    made = api.post("/api/experiments", json=spec).json()
    with sessions.begin() as session:
        workers.register(
            session, "worker", host="here", pid=1, device="cpu", memory_bytes=1, trainers=1, versions={"torch": "2"}
        )
    before = api.get("/api/system").json()
    assert (before["queued_jobs"], before["running_jobs"]) == (1, 0)
    trainer.claim(made["jobs"][0]["id"])
    system = api.get("/api/system").json()
    assert (system["queued_jobs"], system["running_jobs"]) == (0, 1)
    assert system["versions"]["plotly"] == version("plotly")
    assert system["broker_reachable"] is True
    (worker,) = system["workers"]
    assert worker["alive"] is True
    assert worker["jobs"] == [made["jobs"][0]["id"]]


@sqlite_only
def test_plan_estimates_from_what_was(
    api: httpx.Client, trainer: Trainer, spec: dict[str, Any], sessions: sessionmaker[Session]
) -> None:
    plan = {"runs": 6, "jobs": 1, "weights": 650, "seconds": None, "without_effect": []}
    assert api.post("/api/plan", json=spec).json() == plan
    made = api.post("/api/experiments", json=spec).json()
    trainer.train([made["jobs"][0]["id"]])
    with sessions.begin() as session:
        workers.register(session, "worker", host="here", pid=1, device="cpu", memory_bytes=1, trainers=1, versions={})
    # The newest row says 4.05 seconds for 6 runs of 4 epochs.
    assert api.post("/api/plan", json=spec).json()["seconds"] == pytest.approx(4.05)
    assert api.post("/api/plan", json=spec | {"epochs": 8}).json()["seconds"] == pytest.approx(8.1)


@sqlite_only
def test_large_answers_are_compressed_and_events_are_not(
    api: httpx.Client, spec: dict[str, Any], trainer: Trainer
) -> None:
    assert api.get("/api/catalogue").headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in api.get("/api/health").headers
    made = api.post("/api/experiments", json=spec).json()
    trainer.train([made["jobs"][0]["id"]])
    assert "Content-Encoding" not in api.get(f"/api/experiments/{made['id']}/events").headers


@sqlite_only
def test_plotly_is_the_installed_packages(api: httpx.Client) -> None:
    plain = read_plotly()
    assert plain.endswith(find_plotly().read_bytes())
    for encoding in ("br", "gzip", "identity"):
        answer = api.get("/plotly.js", headers={"Accept-Encoding": encoding})
        assert answer.content == plain
        assert answer.headers["Content-Type"].startswith("text/javascript")
    assert api.get("/plotly.js").headers["Cache-Control"] == "no-cache"
    tagged = {"If-None-Match": api.get("/plotly.js").headers["ETag"]}
    assert api.get("/plotly.js", headers=tagged).status_code == 304
    forever = api.get("/plotly.js", params={"v": version("plotly")}).headers["Cache-Control"]
    assert "immutable" in forever


@pytest.fixture
def page(settings: Settings, tmp_path: Path) -> Any:
    """An API that serves a page of three files."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Ridgeline</title>")
    (dist / "assets" / "index-abc.js").write_text("let λ = 1;\n" * 1000)
    (tmp_path / "secret.txt").write_text("secret")
    app = create_app(settings)
    app.router.default = FrontendFiles(dist)
    with run_server(app) as address, httpx.Client(base_url=address, trust_env=False) as client:
        yield client


@sqlite_only
def test_page_is_served_at_its_own_addresses_only(page: httpx.Client) -> None:
    for path in ("/", "/new", "/experiments/1", "/system"):
        answer = page.get(path, headers={"Accept": "text/html,*/*"})
        assert answer.status_code == 200
        assert "<title>Ridgeline" in answer.text
        assert answer.headers["Cache-Control"] == "no-cache"
    for path, accept in (("/api/nothing", "text/html"), ("/new", "application/json"), ("/assets/none.js", "*/*")):
        answer = page.get(path, headers={"Accept": accept})
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"


@sqlite_only
def test_assets_are_compressed_and_kept(page: httpx.Client) -> None:
    answer = page.get("/assets/index-abc.js", headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.text.startswith("let λ = 1;")
    assert len(brotli.compress(answer.content)) < len(answer.content) / 10


@sqlite_only
@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt"]
)
def test_nothing_outside_the_page_is_served(page: httpx.Client, path: str) -> None:
    host, port = str(page.base_url).removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404")
    assert b'"secret"' not in answer


@sqlite_only
@pytest.mark.parametrize("path", ["/a%00b", "/" + "x" * 3000, "/%ff"])
def test_odd_addresses_are_not_found(page: httpx.Client, path: str) -> None:
    assert page.get(path).status_code == 404
