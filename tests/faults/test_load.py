"""SQLite under load: four processes write, twenty readers read through the API, and no lock is ever in the way."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from core.db.models import EpochRow, Experiment, Job, Run
from tests.faults.api import Api
from tests.faults.conftest import Workers
from tests.faults.figures import Trial
from tests.faults.recording import EPOCHS
from tests.faults.scale import FULL, promise
from tests.installation import Installation
from tests.servers import LIMITS, ROOT, die_with_parent, make_environment

WRITERS, READERS = 4, 20
APIS = 2 if FULL else 1
RUNS = 8
SIGNS = ("locked", "away", "Traceback", "does not answer", "[error]")


class Reader(threading.Thread):
    """Asks for one thing after the other, of the newest experiments, as pages and scripts do."""

    def __init__(self, url: str, seed: float, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._url, self._random, self._over = url, random.Random(seed), over
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.slowest = 0.0

    def run(self) -> None:
        with httpx.Client(base_url=self._url, trust_env=False, timeout=60, limits=LIMITS) as http:
            while not self._over.is_set():
                self._ask(http)
                time.sleep(self._random.uniform(0, 0.1))

    def _ask(self, http: httpx.Client) -> None:
        page = self._get(http, "/api/experiments", {"limit": 10})
        if page is None or not page["items"]:
            return
        one = f"/api/experiments/{self._random.choice(page['items'])['id']}"
        kind = self._random.choice(("", "/runs", "/metrics", "/metrics", "/histograms", "/events"))
        if kind == "/events":
            with http.stream("GET", one + kind) as answer:
                self.statuses[answer.status_code] += 1
                for _ in zip(range(20), answer.iter_lines(), strict=False):
                    pass
        else:
            self._get(http, one + kind, {})

    def _get(self, http: httpx.Client, path: str, parameters: dict[str, int]) -> dict[str, list[dict[str, int]]] | None:
        start = time.monotonic()
        answer = http.get(path, params=parameters)
        self.slowest = max(self.slowest, time.monotonic() - start)
        self.statuses[answer.status_code] += 1
        if not answer.is_success:
            self.wrong.append(f"{path}: {answer.text}")
            return None
        found: dict[str, list[dict[str, int]]] = answer.json()
        return found


@pytest.mark.parametrize("stack", ["embedded"], indirect=True)
@promise("SQLite under load", small=5, full=600, minutes=40)
def test_sqlite_under_load(installation: Installation, workers: Workers, tmp_path: Path, trial: Trial) -> None:
    """``number``: of seconds."""
    workers(0)
    over = threading.Event()
    apis = [Api(installation.settings, tmp_path / f"api-{number}.log") for number in range(APIS)]
    writers = [start_writer(installation, trial.number, tmp_path / f"writer-{number}.log") for number in range(WRITERS)]
    try:
        for api in apis:
            api.wait()
        readers = [Reader(apis[number % APIS].url, trial.random.random(), over) for number in range(READERS)]
        for reader in readers:
            reader.start()
        said = [json.loads(writer.communicate()[0]) for writer in writers]
        over.set()
        for reader in readers:
            reader.join(60)
            assert not reader.is_alive()
    finally:
        for api in apis:
            api.close()
    logs = "\n".join(path.read_text() for path in tmp_path.glob("*.log"))
    signs = {sign: logs.count(sign) for sign in SIGNS if sign in logs}
    statuses = sum((reader.statuses for reader in readers), Counter[int]())
    written, found = sum(each["jobs"] for each in said), count_rows(installation)
    trial.see(
        writers=WRITERS,
        readers=READERS,
        epochs_recorded=written * EPOCHS,
        rows=found,
        missing=written * EPOCHS * RUNS - found,
        answers=dict(statuses),
        lock_errors=sum(signs.values()),
        slowest_transaction_seconds=max(each["slowest"] for each in said),
        slowest_answer_seconds=max(reader.slowest for reader in readers),
    )
    assert [writer.returncode for writer in writers] == [0] * WRITERS
    assert signs == {}, logs
    assert set(statuses) == {200}, [reader.wrong[:1] for reader in readers]
    assert found == written * EPOCHS * RUNS


def start_writer(installation: Installation, seconds: int, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.recording", str(seconds)],
            cwd=ROOT,
            env=make_environment(installation.settings),
            stdout=subprocess.PIPE,
            stderr=output,
            preexec_fn=die_with_parent,
        )


def count_rows(installation: Installation) -> int:
    """Of completed jobs."""
    counted = (
        select(func.count())
        .select_from(EpochRow)
        .join(Run)
        .join(Job, Job.id == Run.job_id)
        .join(Experiment, Experiment.id == Run.experiment_id)
        .where(Experiment.name == "load", Job.state == "completed")
    )
    return installation.read(lambda s: s.execute(counted).scalar_one())
