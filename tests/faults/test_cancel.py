"""A cancelled job ends within two seconds, and its trainer is free for the next, at whatever moment it was asked."""

from __future__ import annotations

import subprocess
import time
from typing import Any

import httpx
import numpy as np
import pytest

from tests.faults.figures import Trial
from tests.faults.scale import FULL, promise
from tests.installation import ENDLESS, SMALL, Installation

SECONDS = 2.0
# Short epochs with a checkpoint every now and then; epochs of many seconds; epochs that weigh megabytes to save.
KINDS: dict[str, dict[str, Any]] = {
    "short epochs": ENDLESS | {"epochs": 90_000},
    "long epochs": SMALL | {"dataset": {"name": "digits"}, "batch_size": 1, "epochs": 500},
    "large checkpoints": ENDLESS | {"network": {"name": "mlp", "widths": [512, 512]}, "epochs": 90_000},
}


@pytest.mark.alone
@promise("cancel within 2 s", small=6, full=200, minutes=40)
def test_a_cancelled_job_ends_and_frees_its_trainer(
    installation: Installation, worker: subprocess.Popen[bytes], api: httpx.Client, trial: Trial
) -> None:
    """The next job waits already, so that its start shows when the trainer is free."""
    waiting = submit(api, trial)
    ended, freed, moments = list[float](), list[float](), dict[str, int]()
    for _ in range(trial.number):
        experiment, waiting = waiting, submit(api, trial)
        moment = trial.random.choice(("queued", "starting", "training", "training"))
        if moment == "queued":
            waiting, experiment = experiment, waiting
        else:
            installation.wait_for_state(experiment, "running")
        if moment == "training":
            time.sleep(trial.random.uniform(0.05, 1.5))
        moments[moment] = moments.get(moment, 0) + 1
        start = time.monotonic()
        assert api.post(f"/api/experiments/{experiment}/cancel").is_success
        installation.wait_for_state(experiment, "cancelled")
        ended.append(time.monotonic() - start)
        if moment != "queued":
            installation.wait(lambda next=waiting: installation.job(next).state == "running")  # type: ignore[misc]  # mypy infers no lambda with a default
            freed.append(time.monotonic() - start)
        assert installation.job(experiment).failures == 0
    trial.see(
        cancelled=len(ended),
        **moments,
        cancelled_p50_seconds=float(np.median(ended)),
        cancelled_p99_seconds=float(np.quantile(ended, 0.99)),
        cancelled_max_seconds=max(ended),
        next_job_began_p50_seconds=float(np.median(freed)),
        next_job_began_p99_seconds=float(np.quantile(freed, 0.99)),
        next_job_began_max_seconds=max(freed),
    )
    assert np.quantile(ended, 0.99) < SECONDS
    assert np.quantile(freed, 0.99) < (SECONDS if FULL else 2 * SECONDS)


def submit(api: httpx.Client, trial: Trial) -> int:
    kind = trial.random.choice(list(KINDS))
    answer = api.post("/api/experiments", json=KINDS[kind] | {"name": kind})
    assert answer.status_code == 201, answer.text
    made: int = answer.json()["id"]
    return made
