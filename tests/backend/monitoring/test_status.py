"""Status and readiness, with and without database and broker."""

from __future__ import annotations

import socket
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from backend.app import create_app
from core.db.queries import workers
from core.settings import Settings
from tests.backend.conftest import Trainer, run_server

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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


@pytest.mark.alone
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
