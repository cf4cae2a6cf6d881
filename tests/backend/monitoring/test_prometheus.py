"""What Prometheus scrapes, read as it reads it."""

from __future__ import annotations

import re
import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_open
from prometheus_client.parser import text_string_to_metric_families as read_plain
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from core.db.clock import read_clock
from core.db.models import Job, Worker
from core.db.queries import workers
from core.settings import Settings
from tests.backend.conftest import Trainer, serve

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DOCUMENTED = Path(__file__).resolve().parents[3] / "docs" / "operations.md"


class Samples:
    """One scrape's."""

    def __init__(self, text: str) -> None:
        self.all = [sample for family in read_plain(text) for sample in family.samples]
        self.names = {family.name for family in read_plain(text)}

    def find(self, name: str, **labels: str) -> float:
        found = [sample.value for sample in self.all if sample.name == name and sample.labels == labels]
        assert len(found) == 1, (name, labels, found)
        return found[0]

    def by(self, name: str, label: str) -> dict[str, float]:
        return {sample.labels[label]: sample.value for sample in self.all if sample.name == name}


def scrape(api: httpx.Client) -> Samples:
    answer = api.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert answer.headers["Cache-Control"] == "no-store"
    return Samples(answer.text)


def register(session: Session, worker_id: str, trainers: int) -> None:
    own: dict[str, Any] = {
        "host": f'{worker_id}\'s "host"',
        "pid": 1,
        "device": "cpu",
        "memory_bytes": 1,
        "versions": {},
    }
    workers.register(session, worker_id, trainers=trainers, **own)


def test_jobs_and_queue_are_what_the_database_holds(
    api: httpx.Client, trainer: Trainer, spec: dict[str, Any], sessions: sessionmaker[Session]
) -> None:
    none = dict.fromkeys(("queued", "running", "completed", "failed", "cancelled"), 0.0)
    before = scrape(api)
    assert before.by("ridgeline_jobs", "state") == none
    assert before.find("ridgeline_queue_age_seconds") == 0
    assert (before.find("ridgeline_database_up"), before.find("ridgeline_broker_up")) == (1, 1)
    made = [job["id"] for _ in range(4) for job in api.post("/api/experiments", json=spec).json()["jobs"]]
    trainer.train(made[:1])
    trainer.claim(made[1])
    trainer.claim(made[2])
    trainer.fail(made[2], "for a reason")
    with sessions.begin() as session:
        submitted = read_clock(session) - timedelta(seconds=90)
        session.execute(update(Job).where(Job.id.in_(made)).values(created=submitted, rung=None))
    after = scrape(api)
    states = {"completed": 1, "running": 1, "failed": 1, "queued": len(made) - 3}
    assert after.by("ridgeline_jobs", "state") == none | states
    assert 90 <= after.find("ridgeline_queue_age_seconds") < 100


@sqlite_only
def test_a_job_that_was_handed_back_waits_anew(
    api: httpx.Client, trainer: Trainer, spec: dict[str, Any], sessions: sessionmaker[Session]
) -> None:
    made = api.post("/api/experiments", json=spec | {"seeds": 1}).json()
    job_id = made["jobs"][0]["id"]
    trainer.claim(job_id)
    trainer.release(job_id)
    with sessions.begin() as session:
        clock = read_clock(session)
        since = {"created": clock - timedelta(hours=5), "rung": clock - timedelta(seconds=30)}
        session.execute(update(Job).values(since))
    assert 30 <= scrape(api).find("ridgeline_queue_age_seconds") < 40


def test_workers_count_each_for_itself_and_the_dead_train_nothing(
    api: httpx.Client, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        register(session, "alive", 3)
        register(session, "dead", 5)
        assert workers.beat(session, "alive", {"epoch_rows": 40, "lease_losses": 1, "something_new": 9})
        assert workers.beat(session, "dead", {"epoch_rows": 7, "attempt_failures": 2, "leases_taken_back": 3})
        late = read_clock(session) - timedelta(seconds=60)
        session.execute(update(Worker).where(Worker.id == "dead").values(heartbeat=late))
    found = scrape(api)
    assert (found.find("ridgeline_workers"), found.find("ridgeline_trainers")) == (1, 3)
    assert found.by("ridgeline_epoch_rows_total", "worker") == {"alive": 40, "dead": 7}
    assert found.by("ridgeline_lease_losses_total", "worker") == {"alive": 1, "dead": 0}
    assert found.by("ridgeline_leases_taken_back_total", "worker") == {"alive": 0, "dead": 3}
    assert found.by("ridgeline_attempt_failures_total", "host") == {'alive\'s "host"': 0, 'dead\'s "host"': 2}


def test_several_processes_tell_the_same_of_the_database(
    api: httpx.Client, settings: Settings, sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        register(session, "one", 1)
        workers.beat(session, "one", {"epoch_rows": 40})
    with serve(settings) as other:
        for each in (api, other):
            assert scrape(each).by("ridgeline_epoch_rows_total", "worker") == {"one": 40}


@sqlite_only
def test_made_up_paths_and_methods_make_no_series(api: httpx.Client) -> None:
    for number in range(30):
        api.request(f"METHOD{number}", f"/api/{number}")
        api.get(f"/api/experiments/{number}")
        api.get(f"/a/page/{number}", headers={"Accept": "text/html"})
    counts = [sample.labels for sample in scrape(api).all if sample.name == "ridgeline_request_seconds_count"]
    assert 3 <= len(counts) <= 5
    assert {"method": "GET", "route": "/api/experiments/{experiment_id}", "status": "404"} in counts
    assert not [labels for labels in counts if re.search(r"\d", labels["route"])]


@pytest.mark.parametrize("hangs", [True, False], ids=["silent", "closed"])
def test_without_a_database_it_tells_what_the_process_knows(tmp_path: Path, hangs: bool) -> None:
    with socket.socket() as away:
        away.bind(("127.0.0.1", 0))
        if hangs:
            away.listen(8)
        url = f"postgresql+psycopg://nobody@127.0.0.1:{away.getsockname()[1]}/nothing"
        with serve(Settings(home=tmp_path, database_url=url)) as api:
            begun = time.monotonic()
            api.get("/api/health")
            found = scrape(api)
            assert time.monotonic() - begun < 8
    assert found.find("ridgeline_database_up") == 0
    assert found.find("ridgeline_request_seconds_count", method="GET", route="/api/health", status="200") == 1
    assert found.find("process_resident_memory_bytes") > 2**20
    assert "ridgeline_jobs" not in found.names


@sqlite_only
def test_openmetrics_is_answered_to_who_asks_for_it(api: httpx.Client) -> None:
    answer = api.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert "ridgeline_epoch_rows" in {family.name for family in read_open(answer.text)}


@sqlite_only
def test_every_metric_is_documented_and_no_other(api: httpx.Client) -> None:
    table = [line for line in DOCUMENTED.read_text().splitlines() if re.match(r"\| `(ridgeline|process)_", line)]
    documented = {name for line in table for name in re.findall(r"`((?:ridgeline|process)_\w+)`", line.split("|")[1])}
    kinds = {family.name: family.type for family in read_plain(api.get("/metrics").text)}
    exposed = {f"{name}_total" if kind == "counter" else name for name, kind in kinds.items()}
    assert documented == {name for name in exposed if not name.endswith("_created")}
