"""A database and a broker that go away and come back: they are waited for, and nothing is lost."""

from __future__ import annotations

import subprocess
import time

import httpx

from tests.faults.conftest import Workers
from tests.faults.figures import Trial
from tests.faults.scale import FULL, promise
from tests.faults.stacks import Stack
from tests.installation import ENDLESS, SMALL, Installation

EPOCHS = 3_000 if FULL else 600
BACK_SECONDS = 30
# So many steps that it outlasts all rounds: with larger batches a fast machine came to its end first.
BUSY = ENDLESS | {"epochs": 90_000, "batch_size": 4}


@promise("the database may go away", small=4, full=300, minutes=20)
def test_the_database_may_go_away(
    installation: Installation, stack: Stack, worker: subprocess.Popen[bytes], trial: Trial
) -> None:
    """``number``: seconds, longer than a lease. PostgreSQL is ended; on SQLite another process holds the lock."""
    experiment = installation.submit(SMALL | {"epochs": EPOCHS})
    installation.wait_for_rows(experiment)
    before = installation.job(experiment).epoch
    stack.stop_database()
    time.sleep(trial.number)
    stack.start_database()
    back = installation.wait(lambda: installation.job(experiment).epoch > before, BACK_SECONDS)
    at_once = installation.job(experiment).epoch
    installation.wait_for_state(experiment, "completed", 300)
    job, rows = installation.job(experiment), installation.epochs(experiment)
    missing = sum(len(set(range(EPOCHS + 1)) - set(own)) for own in rows.values())
    trial.see(
        seconds_away=trial.number,
        rows=sum(map(len, rows.values())),
        missing=missing,
        attempt=job.attempt,
        went_on_after_seconds=back,
        from_epoch=before,
        to_epoch=at_once,
    )
    assert before < EPOCHS, "the training ended before the outage"
    assert (job.attempt, job.failures, missing) == (1, 0, 0)
    assert worker.poll() is None


@promise("the broker is not needed to be safe", small=2, full=50, minutes=40)
def test_the_broker_is_not_needed_to_be_safe(
    installation: Installation, stack: Stack, workers: Workers, api: httpx.Client, trial: Trial
) -> None:
    """It is killed while one job trains; with another the API is asked to start a job that the free worker can take."""
    workers(2)
    busy = installation.submit(BUSY)
    installation.wait_for_rows(busy)
    accepted, slowest, longest_back = [], 0.0, 0.0
    for turn in range(trial.number):
        # What waits at the broker is lost with it in every second round, and comes twice in the others.
        waiting = installation.submit(SMALL, announce=turn % 3 > 0)
        stack.stop_broker()
        epoch, start = installation.job(busy).epoch, time.monotonic()
        answer = api.post("/api/experiments", json=SMALL | {"name": f"round {turn}"})
        slowest = max(slowest, time.monotonic() - start)
        assert answer.status_code == 201, answer.text
        installation.wait(lambda epoch=epoch: installation.job(busy).epoch > epoch + 2, 10)  # type: ignore[misc]  # mypy infers no lambda with a default
        time.sleep(trial.random.uniform(0, 0.5))
        stack.start_broker(empty=turn % 2 == 0)
        start = time.monotonic()
        accepted += [waiting, answer.json()["id"]]
        for experiment in accepted[-2:]:
            installation.wait_for_state(experiment, "completed", BACK_SECONDS)
        longest_back = max(longest_back, time.monotonic() - start)
        assert installation.job(busy).state == "running"
    ended = [installation.job(experiment) for experiment in accepted]
    job = installation.job(busy)
    installation.cancel(busy)
    trial.see(
        kills=trial.number,
        accepted=len(accepted),
        completed=sum(each.state == "completed" for each in ended),
        attempts_of_the_running_job=job.attempt,
        slowest_answer_seconds=slowest,
        longest_until_worked_off_seconds=longest_back,
    )
    assert (job.attempt, job.failures) == (1, 0)
    assert {(each.state, each.attempt) for each in ended} == {("completed", 1)}


def test_a_worker_may_start_while_the_broker_is_away(
    installation: Installation, stack: Stack, workers: Workers
) -> None:
    workers(0)
    stack.stop_broker()
    worker = installation.start_worker()
    experiment = installation.submit(SMALL, announce=False)
    # Long enough for it to come as far as its queue.
    time.sleep(3)
    stack.start_broker()
    installation.wait_for_state(experiment, "completed", BACK_SECONDS)
    assert worker.poll() is None
