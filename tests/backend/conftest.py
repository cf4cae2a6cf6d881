"""The API on a real server and a real database, and what a worker would write there."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker

from backend.app import create_app
from backend.server import Server, configure
from core.catalogue.epoch_values import EpochValues, HistogramValues, StopValues
from core.catalogue.metrics import METRIC_NAMES
from core.db.queries import epochs, jobs
from core.settings import Settings
from tests.servers import LIMITS

Sessions = sessionmaker[Session]


@contextmanager
def run_server(app: FastAPI) -> Iterator[str]:
    """The address of the API, served from a thread of this process until the block ends."""
    options = {"host": "127.0.0.1", "port": 0, "log_level": "error", "timeout_graceful_shutdown": 1}
    config = configure(app, app.state.shared.settings, **options)
    server = Server(config, app.state.shared.change_poller)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.handle_exit(signal.SIGTERM, None)
        thread.join(10)
        assert not thread.is_alive()


@contextmanager
def serve(settings: Settings, **change: Any) -> Iterator[httpx.Client]:
    """A client of an API with ``settings`` but for ``change``."""
    app = create_app(settings.model_copy(update=change))
    with run_server(app) as url, httpx.Client(base_url=url, trust_env=False, timeout=20, limits=LIMITS) as client:
        yield client


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    with run_server(app) as address:
        yield address


@pytest.fixture
def api(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False, timeout=20, limits=LIMITS) as client:
        yield client


@pytest.fixture
def spec() -> dict[str, Any]:
    """Two strengths of L1 and the baseline, two seeds: six runs of four epochs."""
    return {
        "name": "a sweep",
        "dataset": {"name": "digits"},
        "network": {"name": "linear"},
        "optimizer": {"name": "sgd"},
        "regularizers": [{"name": "l1", "strengths": [0.001, 0.01]}],
        "epochs": 4,
        "seeds": 2,
    }


def make_epoch(
    epoch: int, runs: int, diverged: tuple[int, ...] = (), stopped: tuple[StopValues, ...] = ()
) -> EpochValues:
    """Every metric of run i in epoch e is e + i / 100, so that tests can tell them apart."""
    values = epoch + np.arange(runs) / 100
    histograms = tuple(
        HistogramValues(run, "output", -1.0, 1.0, np.array([1, 2, 3], dtype=np.uint32)) for run in range(runs)
    )
    losses = np.tile(values[:, None], (1, 3)).astype(np.float32)
    kept = histograms if epoch in (1, 10, 40) else ()
    return EpochValues(epoch, dict.fromkeys(METRIC_NAMES, values), losses, diverged, kept, stopped)


def make_start(runs: int) -> EpochValues:
    """Every metric of run i is i / 100; as the trainer sends it, without what only steps have."""
    values = make_epoch(0, runs)
    unknown = dict.fromkeys(("gradient_norm", "gradient_ratio", "learning_rate", "seconds"), np.full(runs, np.nan))
    return replace(values, metrics=values.metrics | unknown, batch_losses=np.empty((runs, 0), np.float32))


class Trainer:
    """Does with the database what a worker does, as fast as a test wants."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self.claims: dict[int, jobs.Claim] = {}

    def claim(self, job_id: int, after: int = 0) -> jobs.Claim:
        """Begin after the epoch ``after``, as from a checkpoint."""
        with self._sessions.begin() as session:
            claim = jobs.claim(session, job_id, "worker", 60)
            assert claim is not None
            jobs.rewind(session, job_id, claim.token, after, claim.run_ids)
        self.claims[job_id] = claim
        return claim

    def record(
        self,
        job_id: int,
        *numbers: int,
        diverged: tuple[int, ...] = (),
        stopped: tuple[StopValues, ...] = (),
        by_loss: tuple[int, ...] = (),
        start: bool = False,
    ) -> None:
        """``start``: with the state before the first step, in the first of these epochs."""
        claim = self.claims[job_id]
        values = [make_epoch(number, len(claim.run_ids), diverged, stopped) for number in numbers]
        if start:
            values[0] = replace(values[0], start=make_start(len(claim.run_ids)))
        with self._sessions.begin() as session:
            epochs.record(session, job_id, claim.token, claim.run_ids, values, by_loss)

    def complete(self, job_id: int) -> None:
        claim = self.claims[job_id]
        with self._sessions.begin() as session:
            tests = np.linspace(0.5, 0.9, len(claim.run_ids))
            jobs.complete(session, job_id, claim.token, claim.run_ids, tests, tests)

    def fail(self, job_id: int, error: str) -> None:
        with self._sessions.begin() as session:
            jobs.fail(session, job_id, self.claims[job_id].token, error)

    def release(self, job_id: int) -> None:
        with self._sessions.begin() as session:
            jobs.release(session, job_id, self.claims[job_id].token)

    def train(self, job_ids: Sequence[int], last: int = 4) -> None:
        """All of each job."""
        for job_id in job_ids:
            self.claim(job_id)
            self.record(job_id, *range(1, last + 1))
            self.complete(job_id)


@pytest.fixture
def trainer(sessions: Sessions) -> Trainer:
    return Trainer(sessions)


@pytest.fixture
def finish(api: httpx.Client, trainer: Trainer) -> Callable[..., dict[str, Any]]:
    """Submits a spec, trains it, and returns the experiment."""

    def run(spec: dict[str, Any]) -> dict[str, Any]:
        made = api.post("/api/experiments", json=spec).json()
        trainer.train([job["id"] for job in made["jobs"]], spec["epochs"])
        view: dict[str, Any] = api.get(f"/api/experiments/{made['id']}").json()
        return view

    return run
