"""The disk of the database itself is full: everybody is told so, nobody is shown dead, and then all goes on."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
from sqlalchemy import func, select

from core.db.disk_space import FULL
from core.db.models import EpochRow, Job, Run
from core.db.queries.workers import ALIVE_SECONDS
from tests.faults.figures import Trial
from tests.faults.hands import TINY
from tests.faults.houses import House
from tests.faults.scale import promise
from tests.installation import SMALL

ENDLESS = SMALL | {"epochs": 50_000}


def wait(done: Callable[[], object], seconds: float = 60) -> float:
    start = time.monotonic()
    while not done():
        assert time.monotonic() - start < seconds
        time.sleep(0.1)
    return time.monotonic() - start


def find_refusal(http: httpx.Client) -> dict[str, str] | None:
    """Of a submission; None where it was accepted."""
    answer = http.post("/api/experiments", json=TINY)
    if answer.status_code == 201:
        return None
    assert answer.status_code == 507, answer.text
    assert answer.headers["Retry-After"]
    error: dict[str, str] = answer.json()["error"]
    return error


@promise("the database's disk is full", small=1, full=5, minutes=15, seconds=280)
def test_a_full_disk_of_the_database_is_called_so_everywhere(house: House, trial: Trial) -> None:
    """``number``: times that it is full and then no more."""
    told, back = [], []
    with house.run() as api, api.connect() as http:
        experiment = http.post("/api/experiments", json=ENDLESS).json()
        job_id = experiment["jobs"][0]["id"]
        for _ in range(trial.number):
            wait_for_progress(house, job_id)
            assert http.get("/api/ready").is_success
            house.disk.fill()
            told.append(see_it_named(house, http, job_id))
            house.disk.make_room()
            back.append(wait_for_progress(house, job_id))
            see_it_over(house, http, job_id)
        http.post(f"/api/experiments/{experiment['id']}/cancel")
        wait(lambda: read_job(house, job_id).state == "cancelled")
    job = read_job(house, job_id)
    counted = select(func.count(), func.max(EpochRow.epoch)).join(Run, Run.id == EpochRow.run_id)
    of_each = counted.where(Run.job_id == job.id).group_by(EpochRow.run_id)
    rows = [tuple(row) for row in house.read(lambda s: s.execute(of_each).all())]
    trial.see(full=trial.number, told_max_seconds=max(told), trains_again_max_seconds=max(back))
    assert rows == [(1 + job.epoch, job.epoch)] * 3
    assert (job.attempt, job.failures) == (1, 0)


def read_job(house: House, job_id: int) -> Job:
    return house.read(lambda s: s.get_one(Job, job_id))


def wait_for_progress(house: House, job_id: int) -> float:
    epoch = read_job(house, job_id).epoch
    return wait(lambda: read_job(house, job_id).epoch > epoch)


def see_it_named(house: House, http: httpx.Client, job_id: int) -> float:
    """Seconds until the API says that it is not ready."""
    start = time.monotonic()
    while (refusal := find_refusal(http)) is None:
        assert time.monotonic() - start < 60, "everything is accepted"
    assert (refusal["code"], refusal["message"]) == ("disk_full", FULL)
    told = wait(lambda: http.get("/api/ready").status_code == 503, 10)
    error = http.get("/api/ready").json()["error"]
    assert (error["code"], error["message"]) == ("disk_full", FULL)
    assert "ridgeline_disk_full 1.0" in http.get("/metrics").text
    if not house.is_embedded:
        # SQLite has no room for a job's notice either; the page has it from /api/system.
        wait(lambda: read_job(house, job_id).notice == FULL)
    time.sleep(ALIVE_SECONDS + 1)
    system = http.get("/api/system").json()
    assert system["disk_full"] is True
    assert [worker["alive"] for worker in system["workers"]] == [True]
    assert "ridgeline_workers 1.0" in http.get("/metrics").text
    return told


def see_it_over(house: House, http: httpx.Client, job_id: int) -> None:
    wait(lambda: http.get("/api/ready").is_success)
    assert http.get("/api/system").json()["disk_full"] is False
    assert "ridgeline_disk_full 0.0" in http.get("/metrics").text
    wait(lambda: find_refusal(http) is None)
    wait(lambda: read_job(house, job_id).notice is None)
