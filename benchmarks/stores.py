"""Databases with room for jobs of 64 runs, and the worker's own recorder on them."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from core.catalogue.epoch_values import EpochValues
from core.db.engine import make_engine, make_sessions, migrate
from core.db.queries import experiments, jobs
from core.db.queries.jobs import Claim
from core.settings import Settings
from core.spec import ExperimentSpec
from tests.servers import run_postgres
from worker.supervisor.database import Database
from worker.supervisor.lease import Lease
from worker.supervisor.recorder import Recorder
from worker.trainer.messages import TrainRequest

RUNS = 64
SWEEP: dict[str, Any] = json.loads((Path(__file__).parent / "sweep.json").read_text())
Record = Callable[[list[EpochValues]], None]
_numbers = count(1)


class Store:
    """A database with room for jobs of 64 runs."""

    def __init__(self, settings: Settings) -> None:
        engine = make_engine(settings)
        migrate(engine)
        self._sessions, self._database = make_sessions(engine), Database(engine)

    def claim(self, epochs: int) -> Claim:
        strengths = np.geomspace(1e-6, 1e-2, RUNS - 1).tolist()
        return self._claim({"regularizers": [{"name": "l2", "strengths": strengths}], "seeds": 1, "epochs": epochs})

    def claim_sweep(self, epochs: int) -> Claim:
        """All runs of the sweep in one job."""
        return self._claim({"epochs": epochs})

    def open_session(self) -> Session:
        return self._sessions()

    def _claim(self, changes: dict[str, Any]) -> Claim:
        with self._sessions.begin() as session:
            _, (job,) = experiments.create(session, ExperimentSpec.model_validate(SWEEP | changes), slots=1)
        with self._sessions.begin() as session:
            claimed = jobs.claim(session, job, "benchmark", 3600)
        assert claimed is not None
        return claimed

    def make_recorder(self, claim: Claim) -> Recorder:
        stopping = threading.Event()
        return Recorder(self._database, Lease(claim, stopping), stopping, lambda: None)


def make_request(claim: Claim, folder: str, *, keeps_weights: bool = False) -> TrainRequest:
    """As the supervisor makes it, with no checkpoint on the way: what is measured is the recording alone."""
    return TrainRequest(
        number=next(_numbers),
        spec=claim.spec,
        runs=claim.runs,
        data_folder=folder,
        download=False,
        checkpoints=str(Path(folder) / "checkpoints"),
        names=[],
        mark=claim.token[:8],
        checkpoint_seconds=3600,
        keeps_last=False,
        patience=60,
        keeps_weights=keeps_weights,
    )


@contextmanager
def open_stores() -> Iterator[dict[str, Store]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ridgeline-bench-")))
        url = stack.enter_context(run_postgres())
        settings = {"SQLite": Settings(home=folder), "PostgreSQL": Settings(home=folder, database_url=url)}
        yield {name: Store(each) for name, each in settings.items()}
