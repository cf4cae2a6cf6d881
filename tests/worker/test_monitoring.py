"""The log and /metrics after a real worker's trainings, on both stacks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from core.db.models import Job
from core.db.queries import workers
from core.settings import Settings
from tests.backend.conftest import serve
from tests.installation import ENDLESS, SMALL, Installation, list_trainers


@pytest.fixture(scope="module")
def stack(stack: Settings) -> Settings:
    return stack.model_copy(update={"log_format": "json"})


@pytest.fixture(scope="module", autouse=True)
def worker(installation: Installation) -> subprocess.Popen[bytes]:
    return installation.start_worker()


def scrape(installation: Installation) -> dict[str, float]:
    """By name: the sum over all labels but the state, which stands in the name."""
    with serve(installation.settings) as api:
        found = [s for f in text_string_to_metric_families(api.get("/metrics").text) for s in f.samples]
    sums: dict[str, float] = {}
    for sample in found:
        name = f"{sample.name} {sample.labels.get('state', '')}".strip()
        sums[name] = sums.get(name, 0) + sample.value
    return sums


def read_log(installation: Installation) -> list[dict[str, Any]]:
    return [json.loads(line) for line in installation.log.read_text().splitlines()]


def wait_for(installation: Installation, name: str, amount: float) -> None:
    """Workers tell what they counted with the next beat."""

    def find() -> float:
        (row,) = installation.read(workers.list_workers)
        counted: float = row.counters.get(name, 0)
        return counted

    installation.wait(lambda: find() >= amount, 10)
    assert find() == amount


def test_rows_are_counted_as_they_are_written(installation: Installation) -> None:
    """With those of epoch 0, before the first step. A run that stops early has fewer; one that is halved too."""
    l2 = [{"name": "l2", "strengths": [0.001, 0.01, 100.0]}]
    experiments = [
        installation.submit(SMALL),
        installation.submit(SMALL | {"regularizers": l2, "halving": {"at": [2]}}),
    ]
    for experiment in experiments:
        installation.wait_for_state(experiment, "completed")
    rows = installation.count_epochs()
    assert 15 < rows < 15 + 20
    wait_for(installation, "epoch_rows", rows)
    found = scrape(installation)
    assert found["ridgeline_epoch_rows_total"] == rows
    assert (found["ridgeline_jobs completed"], found["ridgeline_jobs queued"]) == (2, 0)
    assert (found["ridgeline_workers"], found["ridgeline_trainers"]) == (1, 1)
    assert (found["ridgeline_attempt_failures_total"], found["ridgeline_lease_losses_total"]) == (0, 0)


def test_lines_of_an_attempt_have_its_ids(installation: Installation) -> None:
    experiment = installation.submit(SMALL)
    installation.wait_for_state(experiment, "completed")
    (row,) = installation.read(workers.list_workers)
    ids = {"job": installation.job(experiment).id, "experiment": experiment, "attempt": 1, "worker": row.id}
    mine = [line for line in read_log(installation) if ids.items() <= line.items()]
    assert [line["logger"] for line in mine] == ["worker.supervisor.attempt"] * len(mine)
    assert "is completed" in mine[-1]["event"]
    assert len([line for line in read_log(installation) if line.get("job") == ids["job"]]) == len(mine) > 1


def test_a_killed_trainer_is_a_failed_attempt_and_its_last_words_are_its_jobs(
    installation: Installation, worker: subprocess.Popen[bytes]
) -> None:
    experiment = installation.submit(ENDLESS)
    installation.wait_for_rows(experiment)
    (trainer,) = list_trainers(worker)
    # Its fault handler prints where it was.
    os.kill(trainer, signal.SIGSEGV)
    installation.wait(lambda: installation.job(experiment).failures == 1)
    wait_for(installation, "attempt_failures", 1)
    assert scrape(installation)["ridgeline_attempt_failures_total"] == 1
    job_id = installation.job(experiment).id
    printed = [
        line for line in read_log(installation) if "Segmentation fault" in line["event"] and "trainer " in line["event"]
    ]
    assert {(line.get("job"), line.get("attempt")) for line in printed} == {(job_id, 1)}
    installation.cancel(experiment)
    installation.wait_for_state(experiment, "cancelled")


def test_a_lease_that_another_took_is_counted_once(installation: Installation) -> None:
    experiment = installation.submit(ENDLESS)
    installation.wait_for_rows(experiment)
    with installation.sessions.begin() as session:
        session.execute(update(Job).where(Job.experiment_id == experiment).values(token="another's"))
    wait_for(installation, "lease_losses", 1)
    # Nobody renews it, so it runs out, and is taken back.
    wait_for(installation, "leases_taken_back", 1)
    found = scrape(installation)
    assert (found["ridgeline_lease_losses_total"], found["ridgeline_leases_taken_back_total"]) == (1, 1)
    installation.cancel(experiment)
    installation.wait_for_state(experiment, "cancelled")
