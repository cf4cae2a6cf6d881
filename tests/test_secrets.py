"""No secret in anything that a real API and a real worker print or tell, while all goes wrong around them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import pytest
import redis

from tests.conftest import miss
from tests.installation import SMALL
from tests.servers import LIMITS, ROOT, ServerMissingError, die_with_parent, find_port, make_cluster, serve_redis

# With what URLs quote; the marks are what is looked for, in whatever form the rest may be written.
DATABASE, BROKER = "markdatabase/p@ss", "markbroker p:ss"
TOKEN, READ_TOKEN, WRONG = "marktoken-0123456789abc", "markreader-0123456789ab", "markwrong-0123456789abc"
MARKS = ("markdatabase", "markbroker", "marktoken", "markreader", "markwrong", "markcookie")
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


class House:
    """Servers that can be ended, and the processes of an installation that writes to one log each."""

    def __init__(self, folder: Path, database: str, broker: str) -> None:
        self.folder, self.url = folder, f"http://127.0.0.1:{(port := find_port())}"
        settings = {
            "HOME": folder / "home",
            # One password in its URL and one beside it.
            "DATABASE_URL": database.replace("ridgeline@", f"ridgeline:{quote(DATABASE, safe='')}@"),
            "BROKER_URL": broker,
            "BROKER_PASSWORD": BROKER,
            "TOKEN": TOKEN,
            "READ_TOKEN": READ_TOKEN,
            "PORT": port,
            "TRAINERS": 1,
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "debug",
            "RECONCILE_SECONDS": 0.5,
            "HEARTBEAT_SECONDS": 0.5,
        }
        own = {name: value for name, value in os.environ.items() if not name.startswith("RIDGELINE_")}
        self.environment = own | {f"RIDGELINE_{name}": str(value) for name, value in settings.items()}
        self.processes: list[subprocess.Popen[bytes]] = []

    def run(self, *command: str, **change: str) -> subprocess.CompletedProcess[str]:
        """A command to its end."""
        environment = self.environment | {f"RIDGELINE_{name}": value for name, value in change.items()}
        line = [sys.executable, "-m", *command]
        return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)

    def start(self, name: str, *command: str) -> None:
        with (self.folder / name).open("wb") as log:
            line = [sys.executable, "-m", *command]
            process = subprocess.Popen(
                line, stdout=log, stderr=log, cwd=ROOT, env=self.environment, preexec_fn=die_with_parent
            )
            self.processes.append(process)

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30)


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[contextlib.ExitStack, str, contextlib.ExitStack, str]]:
    """A PostgreSQL and a Redis that wants its password, each with what ends it."""
    with contextlib.ExitStack() as database, contextlib.ExitStack() as broker:
        try:
            cluster = database.enter_context(make_cluster())
            database_url = database.enter_context(cluster.serve())
            broker_url = broker.enter_context(serve_redis(tmp_path))
        except ServerMissingError as error:
            miss(error)
        client = redis.Redis.from_url(broker_url)
        client.config_set("requirepass", BROKER)
        client.close()
        yield database, database_url, broker, broker_url


def wait(done: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def answers(api: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return api.get("/api/health").is_success
    return False


def test_no_secret_is_printed_or_told(
    servers: tuple[contextlib.ExitStack, str, contextlib.ExitStack, str], tmp_path: Path
) -> None:
    stop_database, database_url, stop_broker, broker_url = servers
    house, told = House(tmp_path, database_url, broker_url), []
    said = [house.run("backend.cli", "migrate")]
    assert said[0].returncode == 0, said[0].stderr
    # Settings that are wrong, while all the secrets are there.
    for change in (
        {"TRAINERS": "many"},
        {"LEASE_SECONDS": "0.1"},
        {"DATABASE_URL": "no url", "DATABASE_PASSWORD": DATABASE},
    ):
        said += [house.run("backend.cli", "serve", **change), house.run("worker.app", **change)]
    # Servers that refuse who comes.
    refused = {"DATABASE_URL": house.environment["RIDGELINE_DATABASE_URL"].replace("/postgres", "/nothing")}
    said += [house.run("backend.cli", "migrate", **refused), house.run("worker.supervisor.health", **refused)]
    assert all(each.returncode and each.stderr for each in said[1:])
    try:
        house.start("api.log", "backend.cli", "serve")
        house.start("worker.log", "worker.app")
        with httpx.Client(base_url=house.url, trust_env=False, timeout=20, limits=LIMITS) as api:
            wait(lambda: answers(api))
            answered, session = misbehave(api)
            told += answered
            wait(lambda: any(worker["alive"] for worker in read_system(api)["workers"]))
            made = api.post("/api/experiments", json=SMALL, headers=AUTHORIZED).json()
            wait(lambda: api.get(f"/api/experiments/{made['id']}", headers=AUTHORIZED).json()["state"] == "completed")
            told += [json.dumps(read_system(api)), api.get("/metrics", headers=AUTHORIZED).text]
            stop_broker.close()
            told += [api.post("/api/experiments", json=SMALL, headers=AUTHORIZED).text, json.dumps(read_system(api))]
            wait(lambda: "could not announce" in house.read("api.log"))
            with psycopg.connect(database_url.replace("+psycopg", "")) as connection:
                connection.execute("ALTER TABLE experiments RENAME COLUMN notes TO lost")
            failed = api.get("/api/experiments", headers=AUTHORIZED)
            assert failed.status_code == 500
            stop_database.close()
            away = api.get("/api/experiments", headers=AUTHORIZED)
            assert away.status_code == 503
            told += [failed.text, away.text, api.get("/metrics", headers=AUTHORIZED).text]
            wait(lambda: "the database is away" in house.read("worker.log"))
    finally:
        house.close()
    api_log, worker_log = house.read("api.log"), house.read("worker.log")
    # What went wrong was written, a traceback and all, or there would be nothing to look through.
    assert "Traceback" in api_log
    assert "UndefinedColumn" in api_log
    assert "the database does not answer" in api_log
    for line in (api_log + worker_log).splitlines():
        assert isinstance(json.loads(line)["event"], str), line
    for text in (api_log, worker_log, *told, *(each.stdout + each.stderr for each in said)):
        assert not [mark for mark in (*MARKS, *session) if mark in text], text


def read_system(api: httpx.Client) -> dict[str, list[dict[str, object]]]:
    system: dict[str, list[dict[str, object]]] = api.get("/api/system", headers=AUTHORIZED).json()
    return system


def misbehave(api: httpx.Client) -> tuple[list[str], list[str]]:
    """Logins that fail, and one that does not; the answers, and the cookie."""
    cookie = api.post("/api/session", json={"token": TOKEN})
    assert cookie.status_code == 200
    session = list(cookie.cookies.values())
    api.cookies.clear()
    failed = [
        api.get("/api/experiments", headers={"Authorization": f"Bearer {WRONG}"}),
        api.get("/api/experiments", headers={"Cookie": "ridgeline_session=markcookie"}),
        api.get(f"/api/experiments?token={WRONG}"),
        api.get(f"/api/{WRONG}", headers=AUTHORIZED),
        api.post("/api/session", json={"token": WRONG}),
        api.post("/api/session", json={"tokens": WRONG}),
        api.post("/api/session", content=f"token={WRONG}"),
        api.post("/api/experiments", json=SMALL, headers={"Authorization": f"Bearer {READ_TOKEN}"}),
    ]
    assert all(answer.is_client_error for answer in failed), [answer.status_code for answer in failed]
    assert session
    # An address that is asked for is said back to who asked, and to nobody else.
    return [answer.text for answer in failed if f"/api/{WRONG}" not in str(answer.url)], session
