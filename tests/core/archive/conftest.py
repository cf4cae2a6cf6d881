"""Databases with something of everything in them, and archives made of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, insert, null
from sqlalchemy.orm import Session

from core.archive.backup import back_up
from core.db.engine import make_engine, migrate
from core.db.models import Coefficients, EpochRow, Experiment, ExperimentTag, Histogram, Job, Run, Worker
from core.settings import Settings
from tests.conftest import drop_database, make_database

DIALECTS = ("sqlite", "postgresql")
# A time with microseconds, floats without a short decimal, text that is markup, quotes and no ASCII.
NOW = datetime(2026, 11, 24, 13, 5, 7, 123457, tzinfo=UTC)
TEXT = "λ → 0 <b>\"&'\\ \t\r\n naïve 🌊"
WEIGHTS = "00000000-89abcdef.weights.safetensors"
MakeEngine = Callable[[str], Engine]


@pytest.fixture
def make_bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeEngine]:
    """Makes engines, by dialect, on databases without any table."""
    made: list[tuple[Engine, str | None, str]] = []

    def make(dialect: str) -> Engine:
        server = request.getfixturevalue("postgres_server") if dialect == "postgresql" else None
        url = make_database(server) if server else f"sqlite:///{tmp_path / f'{len(made)}.db'}"
        made.append((make_engine(Settings(home=tmp_path, database_url=url)), server, url))
        return made[-1][0]

    yield make
    for engine, server, url in made:
        engine.dispose()
        if server:
            drop_database(server, url)


@pytest.fixture(params=DIALECTS)
def source(request: pytest.FixtureRequest, make_bare: MakeEngine, folder: Path) -> Engine:
    """A database with rows in every table, and the checkpoints that it names in ``folder``."""
    engine = make_bare(request.param)
    migrate(engine)
    with Session(engine) as session, session.begin():
        fill(session)
    for name in ("job-7/00000002-0123abcd", "job-7/00000001-0123abcd", "job-9/00000003-89abcdef"):
        path = folder / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(np.random.default_rng(len(name)).bytes(100_000) + name.encode())
    (folder / "job-9" / WEIGHTS).write_bytes(np.random.default_rng(9).bytes(1_000))
    return engine


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The checkpoint folder of ``source``."""
    return tmp_path / "checkpoints"


@pytest.fixture
def archive(source: Engine, folder: Path, tmp_path: Path) -> Path:
    """A backup of ``source``."""
    content = io.BytesIO()
    back_up(source, folder, content)
    (tmp_path / "backup.tar").write_bytes(content.getvalue())
    return tmp_path / "backup.tar"


def fill(session: Session) -> None:
    spec = {"b": [1e-3, 0.1 + 0.2, 1e300, 5e-324], "a": {"λ": None, "text": TEXT}, "on": True}
    experiment = Experiment(id=5, name=TEXT, notes=TEXT * 9, spec=spec, idempotency_key="key", created=NOW)
    experiment.tags = [ExperimentTag(tag=tag) for tag in ("a", TEXT[:20])]
    session.add(experiment)
    experiment.state = "running"
    session.flush()
    held = {"experiment_id": 5, "epochs": 4, "token": "t", "worker_id": "w", "lease_expires": NOW, "rung": NOW}
    checkpoints = {epoch: {"name": f"{epoch:08d}-0123abcd.safetensors", "epoch": epoch, "bytes": 9} for epoch in (1, 2)}
    ended = [{"name": "00000003-89abcdef.safetensors", "epoch": 3, "bytes": 9}]
    session.add_all(
        [
            Job(id=7, state="running", attempt=2, checkpoints=[checkpoints[2], checkpoints[1]], epoch=2, **held),
            Job(id=8, state="running", attempt=1, cancel_requested=True, **held),
            Job(
                id=9,
                state="completed",
                layers=["hidden1", TEXT],
                checkpoints=ended,
                rewinds=[[1, 0], [2, 3]],
                experiment_id=5,
                epochs=4,
            ),
            Job(id=10, state="queued", rung=NOW, experiment_id=5, epochs=4),
            Job(id=11, state="failed", error=TEXT, notice=TEXT, failed_epoch=3, experiment_id=5, epochs=4),
        ]
    )
    session.flush()
    cell = {"experiment_id": 5, "regularizer": "l2"}
    session.add_all(
        [
            Run(id=20, job_id=7, strength=0.1 + 0.2, seed=1, state="running", best={"epoch": 1}, last=None, **cell),
            Run(id=21, job_id=8, strength=0.0, seed=2**31 - 1, state="running", last=null(), **cell),
            Run(
                id=22,
                job_id=9,
                strength=1e-300,
                seed=0,
                state="completed",
                test={"test_loss": 1 / 3},
                weights=WEIGHTS,
                **cell,
            ),
        ]
    )
    session.flush()
    blob = np.arange(-64, 64, dtype="<f4").tobytes() + bytes(range(256))
    # More than fit into one member of the archive.
    rows = [
        {"run_id": 22, "epoch": epoch, "train_loss": 1 / (1 + epoch), "batch_losses": blob[:epoch], "layers": blob[-9:]}
        for epoch in range(2500)
    ]
    session.execute(insert(EpochRow), rows)
    session.add(EpochRow(run_id=20, epoch=1, train_loss=5e-324, validation_loss=1.7976931348623157e308))
    session.add(Histogram(run_id=22, epoch=1, layer="0.weight", low=-1.0, high=1 / 3, counts=blob))
    session.add(Coefficients(run_id=22, outputs=1, weights=blob, intercepts=None))
    session.add(Worker(id="w", host="elsewhere", pid=1, device="cpu", trainers=1, versions={}))
