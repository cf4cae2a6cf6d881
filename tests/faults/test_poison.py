"""A poisonous job is contained: its trainers crash, hang or run out of memory, it fails, and others train."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.db.models import Job
from tests.faults import poison
from tests.faults.conftest import Workers
from tests.faults.figures import Trial
from tests.faults.scale import FULL, promise
from tests.faults.stacks import Stack
from tests.installation import SMALL, Installation

NEXT_SECONDS = 60
DATA_BYTES = 3 * 2**29
# The first weights of its runs alone are larger than that, those of one run not too large to be allowed.
HUGE = SMALL | {
    "network": {"name": "mlp", "widths": [8192, 4096]},
    "regularizers": [{"name": "l2", "strengths": [0.001 * (1 + strength) for strength in range(20)]}],
}
# What a job's error says, by its poison; the end of what its trainer printed comes after it.
CAUSES = {
    "segfault": ("was killed by SIGSEGV", "Fatal Python error: Segmentation fault", "in string_at"),
    "hang": ("took no step for 4 s and was killed", "about to hang"),
    "killed": ("was killed by SIGKILL (often the system, when memory runs out)", "about to killed"),
    "memory": ("can't allocate memory", "Traceback (most recent call last)"),
}


def choose_kinds(stack: str) -> list[str]:
    return list(CAUSES) if FULL else ["segfault"] if stack.startswith("SQLite") else ["memory"]


def make_spec(kind: str) -> dict[str, Any]:
    epochs = {name: count for count, name in poison.POISONS.items()}
    return HUGE if kind == "memory" else SMALL | {"epochs": epochs[kind]}


@pytest.fixture
def poisoned(
    installation: Installation, workers: Workers, stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    """Its worker's trainers have a poison in them, and no more memory than they need."""
    workers(0)
    shutil.copy(poison.__file__, tmp_path / "sitecustomize.py")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    own = Installation(stack.settings.model_copy(update={"step_seconds": 4.0, "trainers": 2 if FULL else 1}), tmp_path)
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (DATA_BYTES, before[1]))
    try:
        own.start_worker()
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
    yield own
    own.close()


def have_begun(installation: Installation, experiments: Iterable[int]) -> bool:
    return all(installation.job(experiment).attempt for experiment in experiments)


@pytest.mark.alone
@promise("a poisonous job is contained", small=1, full=10, minutes=15)
def test_a_poisonous_job_fails_with_its_cause_and_the_next_starts(poisoned: Installation, trial: Trial) -> None:
    """``number``: of jobs with each poison, all of which come at once, and of good ones behind them. In `make test`
    each stack has one of the poisons."""
    worker = poisoned.workers[0]
    kinds = choose_kinds(trial.stack)
    failed: dict[str, int] = dict.fromkeys(kinds, 0)
    waits: list[float] = []
    for _ in range(trial.number):
        bad = {kind: poisoned.submit(make_spec(kind)) for kind in trial.random.sample(kinds, len(kinds))}
        poisoned.wait(partial(have_begun, poisoned, bad.values()), 60)
        good = poisoned.submit(SMALL)
        poisoned.wait_for_state(good, "completed", 90)
        for kind, experiment in bad.items():
            poisoned.wait_for_state(experiment, "failed", 120)
            failed[kind] += check(poisoned.job(experiment), CAUSES[kind])
        # And the one that comes when all is over.
        waits += [wait_of(poisoned.job(good)), run_another(poisoned)]
    trial.see(
        **{f"failed_by_{kind}": number for kind, number in failed.items()},
        next_jobs_completed=len(waits),
        next_started_max_seconds=max(waits),
        worker_alive=worker.poll() is None,
    )
    assert failed == dict.fromkeys(kinds, trial.number)
    assert max(waits) < NEXT_SECONDS
    assert worker.poll() is None


def check(job: Job, causes: tuple[str, ...]) -> bool:
    """Whether it was tried three times, and says why not more."""
    missing = [cause for cause in causes if cause not in (job.error or "")]
    assert not missing, f"{missing} not in: {job.error}"
    assert "It printed last:" in (job.error or "")
    assert (job.attempt, job.failures) == (3, 3)
    return True


def wait_of(job: Job) -> float:
    assert job.started is not None
    return (job.started - job.created).total_seconds()


def run_another(installation: Installation) -> float:
    experiment = installation.submit(SMALL)
    installation.wait_for_state(experiment, "completed", 90)
    return wait_of(installation.job(experiment))
