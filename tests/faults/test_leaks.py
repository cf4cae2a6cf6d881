"""A worker that has trained hundreds of jobs holds no more memory, files, threads or dead children than at first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import Workers
from tests.faults.figures import Trial
from tests.faults.processes import Use, count_zombies, read_use
from tests.faults.scale import FULL, promise
from tests.installation import SMALL, Installation, list_trainers

# Trained in turn: kinds of networks, of ends, and of what is kept.
KINDS: list[dict[str, Any]] = [
    SMALL,
    SMALL | {"network": {"name": "linear"}, "epochs": 20},
    SMALL | {"network": {"name": "cnn", "channels": [4], "hidden": 8}, "epochs": 2},
    SMALL | {"network": {"name": "resnet", "channels": [4]}, "epochs": 2},
    SMALL | {"optimizer": {"name": "adam", "learning_rate": 0.01}, "network": {"name": "mlp", "widths": [256, 256]}},
    SMALL | {"epochs": 30, "seeds": 3, "halving": {"at": [5, 10], "keep": 0.5}},
]
WARM_UP = 30 if FULL else 6
BATCH = 30 if FULL else 6
# A few jobs more or less in the allocator's pools weigh more in a short trial.
SHARE = 1.05 if FULL else 1.15
# A file may be open just when they are counted. A short trial only sees a leak of one with each job.
SLACK = 2 if FULL else BATCH - 1
# What the pool keeps on PostgreSQL; on SQLite half as many connections have up to three files each.
CONNECTIONS = 15


# Shared memory belongs to the machine: another test's processes put files of their own there.
@pytest.mark.alone
@promise("no leak", small=12, full=300, minutes=40)
def test_no_leak(installation: Installation, workers: Workers, trial: Trial) -> None:
    """``number``: of jobs, a part of which warms up a worker that is new."""
    workers(0)
    (worker,) = workers(1)
    train(installation, WARM_UP)
    # A worker connects to the broker once more, and for good, when it first rings for a job itself.
    installation.wait_for_state(installation.submit(SMALL, announce=False), "completed", 60)
    (trainer,) = list_trainers(worker)
    shared = list_shared()
    database = installation.settings.database_url
    uses = [(read_use(worker.pid, database), read_use(trainer, database))]
    for _ in range((trial.number - WARM_UP) // BATCH):
        train(installation, BATCH)
        uses.append((read_use(worker.pid, database), read_use(trainer, database)))
    (supervisor_before, trainer_before), (supervisor, last) = uses[0], uses[-1]
    zombies = count_zombies(worker.pid) + count_zombies(trainer)
    grown = sorted(list_shared() - shared)
    trial.see(
        jobs=trial.number,
        supervisor_MB=describe([own.megabytes for own, _ in uses]),
        trainer_MB=describe([other.megabytes for _, other in uses]),
        supervisor_files=" ".join(str(own.files) for own, _ in uses),
        supervisor_connections=" ".join(str(own.connections) for own, _ in uses),
        trainer_files=" ".join(str(other.files) for _, other in uses),
        supervisor_threads=f"{supervisor_before.threads} then {supervisor.threads}",
        trainer_threads=f"{trainer_before.threads} then {last.threads}",
        zombies=zombies,
        in_shared_memory=len(grown),
    )
    assert list_trainers(worker) == [trainer]
    assert 0 < supervisor.connections <= CONNECTIONS
    assert last.connections == 0
    check(supervisor_before, supervisor)
    check(trainer_before, last)
    assert (zombies, grown) == (0, [])


def train(installation: Installation, count: int) -> None:
    """So many, a kind after the other."""
    made = [installation.submit(KINDS[turn % len(KINDS)]) for turn in range(count)]
    for experiment in made:
        installation.wait_for_state(experiment, "completed", 300)


def list_shared() -> set[str]:
    """Files in shared memory, but for those of other tests' browsers and databases."""
    names = {path.name for path in Path("/dev/shm").iterdir()}  # noqa: S108 - looked at, not written to
    return {name for name in names if not name.startswith((".org.chromium.", "PostgreSQL."))}


def check(before: Use, after: Use) -> None:
    assert after.megabytes <= before.megabytes * SHARE
    assert after.files <= before.files + SLACK
    # A thread of the pool may have ended when it was counted first.
    assert after.threads <= before.threads + 1


def describe(megabytes: list[float]) -> str:
    return " ".join(f"{each:.1f}" for each in megabytes)
