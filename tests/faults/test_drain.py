"""A worker that is told to leave saves what it trains and hands it over; nothing that is saved is trained again."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import dataclass
from statistics import median
from typing import Any

from sqlalchemy import select, text

from core.db.models import Job, Worker
from core.db.queries import workers as fleet
from tests.faults.conftest import Workers, list_alive
from tests.faults.figures import Trial
from tests.faults.scale import FULL, promise
from tests.installation import SMALL, Installation
from tests.servers import start_worker

HAND_BACK_SECONDS = 15
ONE_BY_ONE = SMALL | {"dataset": {"name": "digits"}, "batch_size": 1}
# An epoch takes some milliseconds; some tenths of a second; longer than a leaving worker waits for its end.
EPOCHS: dict[str, dict[str, Any]] = {
    "short": SMALL | {"epochs": 90_000},
    "medium": ONE_BY_ONE | {"epochs": 5_000},
    "long": ONE_BY_ONE | {"epochs": 500, "network": {"name": "mlp", "widths": [1024, 1024]}},
}
KINDS = (("short",) * 21 + ("medium",) * 6 + ("long",) * 3) if FULL else ("short",)


@dataclass
class Drained:
    """How it came out. ``handed_back`` and ``left``: seconds until the lease was, and the worker gone; ``unsaved``:
    epochs that were recorded and not saved; ``again``: epochs that were saved and trained again; ``rewound``: to which
    epoch, if at all."""

    kind: str
    handed_back: float
    left: float
    status: int
    failures: int
    unsaved: int
    again: int
    rewound: list[int]


@promise("a worker drains", small=1, full=30, minutes=20)
def test_a_worker_that_is_told_to_leave_hands_its_job_over(
    installation: Installation, workers: Workers, trial: Trial
) -> None:
    """One trains, the next waits or is started; ``number``: times that the one is told to leave."""
    workers(2 if FULL else 1)
    seen: list[Drained] = []
    for kind in dict.fromkeys(KINDS):
        experiment = installation.submit(EPOCHS[kind])
        seen += [drain(installation, experiment, kind, trial) for _ in range(KINDS.count(kind))]
        installation.cancel(experiment)
    trial.see(
        drained=len(seen),
        **{f"{kind}_epochs": KINDS.count(kind) for kind in dict.fromkeys(KINDS)},
        handed_back_p50_seconds=median(each.handed_back for each in seen),
        handed_back_max_seconds=max(each.handed_back for each in seen),
        worker_gone_max_seconds=max(each.left for each in seen),
        failures=sum(each.failures for each in seen),
        recorded_epochs_not_saved=sum(each.unsaved for each in seen),
        saved_epochs_trained_again=sum(each.again for each in seen),
        rewound=sum(len(each.rewound) for each in seen),
    )
    assert len(seen) == trial.number
    for each in seen:
        assert max(each.handed_back, each.left) < HAND_BACK_SECONDS, each
        assert (each.status, each.failures, each.unsaved, each.again, each.rewound) == (0, 0, 0, 0, []), each


def drain(installation: Installation, experiment: int, kind: str, trial: Trial) -> Drained:
    installation.wait(lambda: installation.job(experiment).epoch > 0, 120)
    installation.wait(lambda: installation.read(lambda s: len(fleet.list_workers(s))) >= (2 if FULL else 1), 60)
    time.sleep(trial.random.uniform(0, 0.5))
    before = installation.job(experiment)
    worker = find_worker(installation, before)
    start = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    handed_back = installation.wait(lambda: installation.job(experiment).token != before.token, 30)
    after = installation.job(experiment)
    status = worker.wait(30)
    left = time.monotonic() - start
    installation.workers.append(start_worker(installation.settings, installation.log))
    installation.wait(lambda: goes_on(installation.job(experiment), before, after), 120)
    job = installation.job(experiment)
    assert before.token is not None
    # The next may have saved something of its own already; two are kept.
    (left_at, *_) = (own["epoch"] for own in after.checkpoints if f"-{before.token[:8]}." in own["name"])
    last, first = read_lease(installation, job.id, before.token)[1], read_lease(installation, job.id, job.token)[0]
    rewound = [epoch for attempt, epoch in job.rewinds if attempt == before.attempt + 1]
    return Drained(kind, handed_back, left, status, job.failures, last - left_at, max(0, left_at + 1 - first), rewound)


def goes_on(job: Job, before: Job, after: Job) -> bool:
    """Whether the next has trained an epoch."""
    return job.token not in (None, before.token) and job.epoch > after.epoch


def read_lease(installation: Installation, job_id: int, token: str | None) -> tuple[int, int]:
    """The first and the last epoch that were recorded under it."""
    written = text("SELECT min(epoch), max(epoch) FROM audit WHERE job_id = :job AND token = :token")
    first, last = installation.read(lambda s: s.execute(written, {"job": job_id, "token": token}).one())
    return first, last


def find_worker(installation: Installation, job: Job) -> subprocess.Popen[bytes]:
    pid = installation.read(lambda s: s.execute(select(Worker.pid).where(Worker.id == job.worker_id)).scalar_one())
    return next(worker for worker in list_alive(installation) if worker.pid == pid)
