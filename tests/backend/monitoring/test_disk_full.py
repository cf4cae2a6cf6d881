"""A full disk of the database is called that, not a database that does not answer. See tests/faults for real ones."""

from __future__ import annotations

import sqlite3
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event, update
from sqlalchemy.orm import Session, sessionmaker

from core.db.disk_space import FULL
from core.db.models import Worker, now
from core.db.queries import jobs, workers
from tests import full_disk

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def check_refusal(answer: httpx.Response) -> None:
    assert answer.status_code == 507
    assert int(answer.headers["Retry-After"]) >= 1
    error = answer.json()["error"]
    assert (error["code"], error["message"]) == ("disk_full", FULL)


@sqlite_only
def test_what_sqlite_has_no_room_for_is_refused_as_such(app: FastAPI, api: httpx.Client, spec: dict[str, Any]) -> None:
    made = api.post("/api/experiments", json=spec).json()["id"]
    with sqlite3.connect(app.state.shared.engine.url.database) as connection:
        # Migrations leave free pages, in which there is room for more.
        connection.execute("VACUUM")
    connection.close()

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        # It cannot be less than the database has.
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(app.state.shared.engine, "checkout", limit)
    answers = [api.post("/api/experiments", json=spec) for _ in range(5)]
    check_refusal(answers[-1])
    check_refusal(api.patch(f"/api/experiments/{made}", json={"notes": "x" * 9_000}))
    assert api.get(f"/api/experiments/{made}").is_success
    event.remove(app.state.shared.engine, "checkout", limit)


@postgresql_only
def test_what_postgresql_has_no_room_for_is_said_everywhere(
    api: httpx.Client, spec: dict[str, Any], database_url: str
) -> None:
    assert api.post("/api/experiments", json=spec).status_code == 201
    full_disk.fill(database_url)
    assert api.get("/api/ready").is_success
    check_refusal(api.post("/api/experiments", json=spec))
    for _ in range(2):
        ready = api.get("/api/ready")
        assert ready.status_code == 503
        assert (ready.json()["error"]["code"], ready.json()["error"]["message"]) == ("disk_full", FULL)
    assert api.get("/api/system").json()["disk_full"] is True
    assert "ridgeline_disk_full 1.0" in api.get("/metrics").text
    full_disk.make_room(database_url)
    time.sleep(1.1)
    assert api.get("/api/ready").is_success
    assert api.get("/api/system").json()["disk_full"] is False
    assert "ridgeline_disk_full 0.0" in api.get("/metrics").text
    assert api.post("/api/experiments", json=spec).status_code == 201


@postgresql_only
def test_what_a_worker_has_found_makes_the_api_ask(
    api: httpx.Client, spec: dict[str, Any], database_url: str, sessions: sessionmaker[Session]
) -> None:
    job_id = api.post("/api/experiments", json=spec).json()["jobs"][0]["id"]
    full_disk.fill(database_url)
    assert api.get("/api/ready").is_success
    with sessions.begin() as session:
        claim = jobs.claim(session, job_id, "w", 60)
        assert claim is not None
        jobs.set_notice(session, job_id, claim.token, FULL)
    time.sleep(1.1)
    assert api.get("/api/ready").json()["error"]["code"] == "disk_full"
    full_disk.make_room(database_url)
    time.sleep(1.1)
    # The worker takes its notice back with the next epoch.
    assert api.get("/api/ready").is_success


@postgresql_only
def test_a_worker_that_cannot_write_is_not_called_dead(
    api: httpx.Client, spec: dict[str, Any], database_url: str, sessions: sessionmaker[Session]
) -> None:
    """The last that wrote a sign may be alive; one that was silent long before is not."""
    with sessions.begin() as session:
        for name, silent in (("lately", 60), ("long ago", 600)):
            own: dict[str, Any] = {
                "host": "h",
                "pid": 1,
                "device": "cpu",
                "memory_bytes": 1,
                "trainers": 1,
                "versions": {},
            }
            workers.register(session, name, **own)
            beat = update(Worker).where(Worker.id == name).values(heartbeat=now() - timedelta(seconds=silent))
            session.execute(beat)
    assert [worker["alive"] for worker in api.get("/api/system").json()["workers"]] == [False, False]
    full_disk.fill(database_url)
    check_refusal(api.post("/api/experiments", json=spec))
    alive = {worker["id"]: worker["alive"] for worker in api.get("/api/system").json()["workers"]}
    assert alive == {"lately": True, "long ago": False}
    assert "ridgeline_workers 1.0" in api.get("/metrics").text
