"""The clock jumps by an hour while nothing runs: jobs go on, what is cancelled ends, and the dead are not alive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
from sqlalchemy import DateTime, select, update

from core.db.models import Base, Job
from tests.faults.api import Api
from tests.faults.conftest import Workers, list_alive
from tests.faults.figures import Trial
from tests.faults.scale import promise
from tests.installation import ENDLESS, SMALL, Installation

# All that a start and two cores with other work on them may take besides the lease.
SLACK_SECONDS = 15.0


@promise("clocks may jump", small=1, full=10, minutes=30)
def test_a_clock_that_was_set_keeps_nothing_from_going_on_or_ending(
    installation: Installation, workers: Workers, tmp_path: Path, trial: Trial
) -> None:
    """``number``: times that all is killed, and every time stamp moved by an hour: then it was the clock that moved.

    One experiment trains and one is cancelled when it happens, one waits in the queue.
    """
    resumed, ended, orphaned = list[float](), list[float](), list[float]()
    for turn in range(trial.number):
        hours = -1 if turn % 2 else 1
        workers(1)
        training = installation.submit(ENDLESS)
        installation.wait(lambda training=training: installation.job(training).checkpoints)  # type: ignore[misc]  # mypy infers no lambda with a default
        waiting = installation.submit(SMALL)
        kill_workers(installation)
        before = installation.job(training)
        shift(installation, hours)
        with run_api(installation, tmp_path) as api:
            assert before.worker_id in list_workers(api, alive=False)
            installation.start_worker()
            lease = installation.settings.lease_seconds + SLACK_SECONDS
            resumed += [installation.wait(partial(is_further, installation, training, before), lease)]
            assert before.worker_id not in list_workers(api, alive=True)
            assert len(list_workers(api, alive=True)) == 1
            ended += [cancel(installation, api, training)]
            installation.wait_for_state(waiting, "completed")
            assert api.delete(f"/api/experiments/{training}").status_code == 204
            orphan = installation.submit(ENDLESS)
            installation.wait_for_rows(orphan)
        kill_workers(installation)
        shift(installation, hours)
        with run_api(installation, tmp_path) as api:
            assert api.delete(f"/api/experiments/{orphan}").status_code == 409
            orphaned += [cancel(installation, api, orphan)]
            assert api.delete(f"/api/experiments/{orphan}").status_code == 204
    trial.see(
        jumps=2 * trial.number,
        until_it_went_on_max_seconds=max(resumed),
        cancelled_max_seconds=max(ended),
        cancelled_without_a_worker_max_seconds=max(orphaned),
    )


def kill_workers(installation: Installation) -> None:
    for worker in list_alive(installation):
        worker.kill()
        worker.wait()


def shift(installation: Installation, hours: int) -> None:
    """Every time stamp of the database lies so many hours later than it was."""
    with installation.sessions.begin() as session:
        for table in Base.metadata.sorted_tables:
            times = [column for column in table.columns if isinstance(getattr(column.type, "impl", None), DateTime)]
            keys = list(table.primary_key.columns)
            for row in session.execute(select(*keys, *times)).mappings().all() if times else ():
                moved: dict[str, datetime] = {
                    column.name: row[column] + timedelta(hours=hours) for column in times if row[column] is not None
                }
                if moved:
                    session.execute(update(table).where(*(key == row[key] for key in keys)).values(moved))


def is_further(installation: Installation, experiment: int, before: Job) -> bool:
    """Whether another attempt has got past where the one before was killed."""
    job = installation.job(experiment)
    return job.attempt > before.attempt and job.epoch > before.epoch


@contextmanager
def run_api(installation: Installation, folder: Path) -> Iterator[httpx.Client]:
    process = Api(installation.settings, folder / "api.log")
    try:
        with process.wait().connect() as client:
            yield client
    finally:
        process.kill()
        print((folder / "api.log").read_text())


def list_workers(api: httpx.Client, *, alive: bool) -> set[str]:
    """The workers that are shown as alive, or as dead."""
    return {worker["id"] for worker in api.get("/api/system").json()["workers"] if worker["alive"] is alive}


def cancel(installation: Installation, api: httpx.Client, experiment: int) -> float:
    """Seconds until it has ended."""
    assert api.post(f"/api/experiments/{experiment}/cancel").is_success
    return installation.wait_for_state(experiment, "cancelled", installation.settings.lease_seconds + SLACK_SECONDS)
