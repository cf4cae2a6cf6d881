"""Jobs in flight while their workers and trainers are killed: which is killed when, and how long each then waits."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sqlalchemy import select

from core.db.models import Job, Worker
from core.settings import Settings
from tests.installation import Installation, list_trainers
from tests.servers import start_worker

ENDED = ("completed", "failed", "cancelled")
# Nobody waits for a moment for longer than that: any other is as good.
MOMENT_SECONDS = 20.0


@dataclass
class Watched:
    """``name``: of what it trains; ``changed``: when its job was last seen to; ``killed``: when it was, if it waits."""

    name: str
    job: Job
    changed: float = field(default_factory=time.monotonic)
    killed: float | None = None
    kills: int = 0


class Killer:
    """Keeps ``size`` workers and as many jobs in flight; ``submit`` makes a job and says its experiment and name.

    ``most``: kills under one job, so that others come to theirs.
    """

    def __init__(
        self,
        installation: Installation,
        size: int,
        submit: Callable[[], tuple[int, str] | None],
        random: Random,
        most: int,
    ) -> None:
        self._installation, self._size, self._submit = installation, size, submit
        self._random, self._most = random, most
        self.watched: dict[int, Watched] = {}
        self.rescues: list[float] = []
        self.longest_still = 0.0
        self.moments = Counter[str]()
        self.victims = Counter[str]()
        self.torn = 0

    def look(self) -> list[Watched]:
        """Start what is missing, and see what has changed; the jobs that train."""
        alive = [worker for worker in self._installation.workers if worker.poll() is None]
        for _ in range(len(alive), self._size):
            self._installation.workers.append(start_worker(self._settings, self._installation.log))
        while len(self._in_flight()) < self._size and (made := self._submit()):
            self.watched[made[0]] = Watched(made[1], self._installation.job(made[0]))
        ids = [watched.job.id for watched in self._in_flight()]
        for job in self._installation.read(lambda s: s.execute(select(Job).where(Job.id.in_(ids))).scalars().all()):
            self._note(self.watched[job.experiment_id], job)
        return [watched for watched in self._in_flight() if watched.job.state == "running"]

    def kill(self, moment: str, victim: str) -> None:
        """One worker or trainer, at such a moment of a job that it trains."""
        start, pause = time.monotonic(), self._random.uniform(0.1, 1.5)
        while True:
            before = {watched.job.id: watched.job.attempt for watched in self._in_flight()}
            running = [each for each in self.look() if each.kills < self._most and may_lose(each.job)]
            late = time.monotonic() - start > MOMENT_SECONDS
            chosen = [
                watched
                for watched in running
                if self._is_there(watched, before, "random" if late else moment, start + pause)
            ]
            if chosen and self._strike(self._random.choice(chosen), moment, victim):
                self.moments["random" if late and moment != "checkpoint" else moment] += 1
                self.victims[victim] += 1
                return
            time.sleep(0.002)

    def finish(self, seconds: float) -> None:
        """Until every job has ended, or one has not changed for so long."""
        while self._in_flight() and self.longest_still < seconds:
            self.look()
            time.sleep(0.02)

    @property
    def _settings(self) -> Settings:
        return self._installation.settings

    def _in_flight(self) -> list[Watched]:
        return [watched for watched in self.watched.values() if watched.job.state not in ENDED]

    def _note(self, watched: Watched, job: Job) -> None:
        now, old = time.monotonic(), watched.job
        self.longest_still = max(self.longest_still, now - watched.changed)
        if (job.state, job.attempt, job.epoch) != (old.state, old.attempt, old.epoch):
            watched.changed = now
        if watched.killed and (job.attempt > old.attempt or job.state in ENDED):
            self.rescues.append(now - watched.killed)
            watched.killed = None
        watched.job = job

    def _is_there(self, watched: Watched, before: dict[int, int], moment: str, after: float) -> bool:
        """Whether it is the moment to kill under this job."""
        job = watched.job
        if moment == "claim":
            return job.attempt > before.get(job.id, job.attempt)
        if moment == "end":
            return job.epoch >= job.epochs - 2
        return time.monotonic() > after and job.epoch > 0

    def _strike(self, watched: Watched, moment: str, victim: str) -> bool:
        """Whether there was one to kill, and it was killed."""
        job = watched.job
        worker = self._find_worker(job)
        trainers = list_trainers(worker) if worker else []
        if worker is None or not trainers:
            return False
        folder = self._settings.checkpoint_folder
        assert folder is not None
        if moment == "checkpoint" and not await_partial(folder / f"job-{job.id}", 3):
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid if victim == "worker" else trainers[0], signal.SIGKILL)
            if victim == "worker":
                worker.wait()
            watched.killed, watched.kills = time.monotonic(), watched.kills + 1
            self.torn += moment == "checkpoint" and bool(list_partial(folder / f"job-{job.id}"))
            return True
        return False

    def _find_worker(self, job: Job) -> subprocess.Popen[bytes] | None:
        held = select(Worker.pid).where(Worker.id == job.worker_id)
        pid = self._installation.read(lambda s: s.execute(held).scalar_one_or_none())
        alive = (worker for worker in self._installation.workers if worker.poll() is None)
        return next((worker for worker in alive if worker.pid == pid), None)


def may_lose(job: Job) -> bool:
    """Whether the job may be killed: three attempts in a row that got no further fail it, rightly, and a machine that
    is busy may cost it one by itself."""
    return not job.failures or job.epoch > (job.failed_epoch or 0)


def await_partial(folder: Path, seconds: float) -> bool:
    """Whether a checkpoint is seen while it is written."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if list_partial(folder):
            return True
    return False


def list_partial(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir() if path.name.startswith(".")]
    except FileNotFoundError:
        return []
