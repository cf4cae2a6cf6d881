"""The stream has no gaps: who is cut off again and again, at any byte, has in the end what the database has."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import select

from backend.cli.client import Event, parse_events
from core.db.models import EpochRow, Job, Run
from tests.faults.figures import Trial
from tests.faults.scale import FULL, promise
from tests.installation import SMALL, Installation, list_trainers
from tests.servers import LIMITS
from worker.training import METRICS

SWEEP = SMALL | {
    "regularizers": [{"name": "dropout", "strengths": [0.1, 0.5]}, {"name": "l1", "strengths": [0.001, 0.01]}],
    "seeds": 2,
    "epochs": 1_000 if FULL else 400,
}
READERS = 6 if FULL else 3
# A kill takes rows back only where a reader had read what was not saved yet: mostly, but not each time.
ROUNDS = 10
SWEEPS = 2 if FULL else 1
Key = tuple[int, int]


@dataclass
class Reader(threading.Thread):
    """A page: keeps rows by run and epoch, drops what a reset takes back, and remembers the last event that it had."""

    url: str
    experiment: int
    random: random.Random
    rows: dict[Key, dict[str, float | None]] = field(default_factory=dict)
    double: list[Key] = field(default_factory=list)
    disconnects: int = 0
    resets: int = 0
    dropped: int = 0
    error: str = ""
    ended: bool = False

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        try:
            self.follow()
        except Exception as error:
            # A thread that dies would only seem to have lost what it did not read.
            self.error = repr(error)

    def follow(self) -> None:
        cursor = ""
        with httpx.Client(base_url=self.url, trust_env=False, timeout=30, limits=LIMITS) as http:
            while not self.ended and not self.error:
                for event in self.read(http, cursor):
                    cursor = event.cursor or cursor
                    self.take(event)
                    self.ended = event.name == "end"
                self.disconnects += not self.ended

    def read(self, http: httpx.Client, cursor: str) -> Iterator[Event]:
        """Events until so many bytes have come; then the connection is closed, wherever that is."""
        headers = {"Last-Event-ID": cursor} if cursor else {}
        budget = int(2 ** self.random.uniform(4, 17))
        with http.stream("GET", f"/api/experiments/{self.experiment}/events", headers=headers) as answer:
            if not answer.is_success:
                self.error = f"{answer.status_code}"
                return
            headers = {"Content-Type": answer.headers["Content-Type"]}
            part = httpx.Response(200, headers=headers, content=cut(answer.iter_bytes(), budget))
            yield from parse_events(part)

    def take(self, event: Event) -> None:
        data: dict[str, Any] = event.data
        if event.name == "reset":
            self.resets += 1
            gone = [
                key for key in self.rows if key[0] in data["runs"] and (key[1] > data["epoch"] or not data["epoch"])
            ]
            self.dropped += len(gone)
            for key in gone:
                del self.rows[key]
        elif event.name == "epoch":
            self.keep(data["runs"], data["epoch"], data["metrics"])
            if data["start"]:
                self.keep(data["runs"], 0, data["start"])

    def keep(self, runs: list[int], epoch: int, metrics: dict[str, list[float | None]]) -> None:
        for at, run in enumerate(runs):
            key = (run, epoch)
            if key in self.rows:
                self.double.append(key)
            self.rows[key] = {name: values[at] for name, values in metrics.items()}


def cut(chunks: Iterator[bytes], budget: int) -> Iterator[bytes]:
    """The first ``budget`` bytes."""
    for chunk in chunks:
        yield chunk[:budget]
        budget -= len(chunk)
        if budget <= 0:
            return


@promise("the stream has no gaps", small=40, full=1_000, minutes=40)
def test_the_stream_has_no_gaps(
    installation: Installation, worker: subprocess.Popen[bytes], api: httpx.Client, trial: Trial
) -> None:
    """``number``: of disconnects, at least; meanwhile trainers are killed, until rows were taken back as well."""
    rounds, disconnects, resets, dropped, rows, readers, kills = 0, 0, 0, 0, 0, 0, 0
    lost, double, wrong = 0, 0, 0
    while disconnects < trial.number or (not dropped and rounds < ROUNDS):
        rounds += 1
        experiments = [installation.submit(SWEEP | {"name": "gaps"}) for _ in range(SWEEPS)]
        threads = [
            Reader(str(api.base_url), experiment, random.Random(trial.random.random()))
            for experiment in experiments
            for _ in range(READERS)
        ]
        for thread in threads:
            thread.start()
        kills += sum(kill_a_trainer(installation, worker, experiment, trial) for experiment in experiments)
        for experiment in experiments:
            installation.wait_for_state(experiment, "completed", 600)
        for thread in threads:
            thread.join(300)
            assert not thread.is_alive()
            assert thread.error == "", f"after {len(thread.rows)} rows: {thread.error}"
            expected = read_rows(installation, thread.experiment)
            lost += len(expected.keys() - thread.rows.keys())
            double += len(thread.double)
            wrong += sum(thread.rows[key] != expected.get(key) for key in thread.rows)
            rows += len(expected)
            disconnects, resets = disconnects + thread.disconnects, resets + thread.resets
            dropped += thread.dropped
        readers += len(threads)
    trial.see(
        disconnects=disconnects,
        readers=readers,
        trainers_killed=kills,
        resets=resets,
        rows_taken_back=dropped,
        rows=rows,
        lost=lost,
        double=double,
        different=wrong,
    )
    assert (lost, double, wrong) == (0, 0, 0)
    assert rows
    assert dropped


def kill_a_trainer(installation: Installation, worker: subprocess.Popen[bytes], experiment: int, trial: Trial) -> int:
    """Once its sweep is under way, and has rows that no checkpoint has: these are taken back."""
    after = trial.random.randint(20, SWEEP["epochs"] // 2)
    installation.wait(lambda: has_unsaved_rows(installation.job(experiment), after), 600)
    for trainer in list_trainers(worker):
        os.kill(trainer, signal.SIGKILL)
        return 1
    return 0


def has_unsaved_rows(job: Job, after: int) -> bool:
    """So it is from epoch ``after`` on; or the job has ended, and will have none."""
    saved = max((checkpoint["epoch"] for checkpoint in job.checkpoints), default=0)
    return job.state not in ("queued", "running") or (job.epoch >= after and job.epoch > saved)


def read_rows(installation: Installation, experiment: int) -> dict[Key, dict[str, float | None]]:
    columns = [getattr(EpochRow, name) for name in METRICS]
    chosen = select(EpochRow.run_id, EpochRow.epoch, *columns).join(Run).where(Run.experiment_id == experiment)
    found = installation.read(lambda s: s.execute(chosen).all())
    return {(run, epoch): dict(zip(METRICS, cells, strict=True)) for run, epoch, *cells in found}
