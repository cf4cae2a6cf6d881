"""An installation without its API: a database, a broker, experiments put into them, and worker processes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from celery import Celery
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from core.db.engine import make_engine, make_readers, make_sessions
from core.db.models import EpochRow, Experiment, Job, Run
from core.db.queries import jobs, workers
from core.planning import plan_jobs, plan_runs
from core.queue import QUEUE, TASK, make_broker_options
from core.settings import Settings
from core.spec import ExperimentSpec
from tests.servers import start_worker

T = TypeVar("T")

# Hundreds of steps per second: epochs come fast, and 5,000 of them outlast every test.
SMALL: dict[str, Any] = {
    "dataset": {"name": "digits", "train_examples": 100},
    "network": {"name": "mlp", "widths": [16]},
    "optimizer": {"name": "sgd", "learning_rate": 0.1},
    "regularizers": [{"name": "l2", "strengths": [0.001, 0.1]}],
    "seeds": 1,
    "epochs": 4,
}
ENDLESS = SMALL | {"epochs": 5_000}


def make_patient_engine(settings: Settings) -> Engine:
    """For a test that looks on: where its own process waits for a processor, PostgreSQL ends a transaction that was
    idle for a lease, and leases of tests are short."""
    return make_engine(settings.model_copy(update={"lease_seconds": 300.0}))


class Installation:
    """``close`` it: its workers end, and their logs are printed for pytest to show where a test failed."""

    def __init__(self, settings: Settings, folder: Path, *, broker_url: str | None = None) -> None:
        """``broker_url``: where the tests' own messages go, where that is not the one of ``settings``."""
        self.settings = settings
        self.log = folder / "worker.log"
        self.workers: list[subprocess.Popen[bytes]] = []
        self._engine = make_patient_engine(settings)
        self.sessions = make_sessions(self._engine)
        self._readers = make_readers(self._engine)
        self._app = Celery("tests", set_as_current=False)
        own = {} if broker_url is None else {"broker_url": broker_url}
        self._app.conf.update(make_broker_options(settings.model_copy(update=own)))

    def start_worker(self) -> subprocess.Popen[bytes]:
        """A worker process; returns once it has registered."""
        known = {worker.id for worker in self.read(workers.list_workers)}
        worker = start_worker(self.settings, self.log)
        self.workers.append(worker)

        def is_registered() -> bool:
            assert worker.poll() is None, self.log.read_text()
            return any(row.id not in known for row in self.read(workers.list_workers))

        self.wait(is_registered, 60)
        return worker

    def submit(self, spec: dict[str, Any], *, announce: bool = True) -> int:
        """The id of a new experiment of one job."""
        parsed = ExperimentSpec.model_validate(spec)
        with self.sessions.begin() as session:
            experiment = Experiment(name="", notes="", spec=parsed.model_dump(mode="json"))
            session.add(experiment)
            session.flush()
            (planned,) = plan_jobs(plan_runs(parsed), 1)
            job = Job(experiment_id=experiment.id, epochs=parsed.epochs)
            session.add(job)
            session.flush()
            for run in planned:
                own = {"regularizer": run.regularizer, "strength": run.strength, "seed": run.seed}
                session.add(Run(experiment_id=experiment.id, job_id=job.id, **own))
        if announce:
            self.announce(self.job(experiment.id).id)
        return experiment.id

    def announce(self, job_id: int) -> None:
        self._app.send_task(TASK, args=[job_id], queue=QUEUE, retry=False)

    def cancel(self, experiment_id: int) -> None:
        with self.sessions.begin() as session:
            jobs.request_cancel(session, experiment_id)

    def read(self, work: Callable[[Session], T]) -> T:
        with self._readers.begin() as session:
            return work(session)

    def job(self, experiment_id: int) -> Job:
        return self.read(lambda s: s.execute(select(Job).where(Job.experiment_id == experiment_id)).scalar_one())

    def runs(self, experiment_id: int) -> list[Run]:
        chosen = select(Run).where(Run.experiment_id == experiment_id).order_by(Run.id)
        return self.read(lambda s: list(s.execute(chosen).scalars()))

    def epochs(self, experiment_id: int) -> dict[int, list[int]]:
        """By run id: the epochs that it has rows of, in order."""
        chosen = (
            select(EpochRow.run_id, EpochRow.epoch)
            .join(Run)
            .where(Run.experiment_id == experiment_id)
            .order_by(EpochRow.epoch)
        )
        rows: dict[int, list[int]] = {run.id: [] for run in self.runs(experiment_id)}
        for run_id, epoch in self.read(lambda s: s.execute(chosen).all()):
            rows[run_id].append(epoch)
        return rows

    def count_epochs(self) -> int:
        return self.read(lambda s: s.execute(select(func.count()).select_from(EpochRow)).scalar_one())

    def wait(self, done: Callable[[], object], seconds: float = 30) -> float:
        """Seconds until ``done``; fails after ``seconds``."""
        start = time.monotonic()
        while not done():
            assert time.monotonic() - start < seconds, f"waited {seconds} s; the worker said:\n{self.log.read_text()}"
            time.sleep(0.02)
        return time.monotonic() - start

    def wait_for_state(self, experiment_id: int, state: str, seconds: float = 30) -> float:
        return self.wait(lambda: self.job(experiment_id).state == state, seconds)

    def wait_for_rows(self, experiment_id: int) -> None:
        """Until its training is well under way."""
        self.wait(lambda: self.job(experiment_id).epoch >= 3)

    def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            worker.wait(20)
        self._engine.dispose()
        if self.log.exists():
            print(self.log.read_text())


def list_trainers(worker: subprocess.Popen[bytes]) -> list[int]:
    """The process ids of a worker's trainers."""
    pids = (int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [pid for pid in pids if read_parent(pid) == worker.pid and b"worker.trainer.main" in read_command(pid)]


def read_command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def read_parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def is_running(pid: int) -> bool:
    """Whether there is such a process, a zombie not counted."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
