"""The migrations make the schema that the models describe, and take it away again, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from sqlalchemy import Engine, MetaData, insert, inspect, text

from alembic import command
from core.db.engine import ROOT, make_engine, migrate
from core.db.models import Base, now
from core.settings import Settings
from tests.conftest import drop_database, make_database


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on a database without any table."""
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    url = make_database(server) if server else f"sqlite:///{tmp_path / 'bare.db'}"
    engine = make_engine(Settings(home=tmp_path, database_url=url))
    yield engine
    engine.dispose()
    if server:
        drop_database(server, url)


def alembic(engine: Engine, verb: str, *arguments: str) -> None:
    config = Config(ROOT / "alembic.ini")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, verb)(config, *arguments)


def test_schema_is_what_the_models_describe(bare: Engine) -> None:
    migrate(bare)
    assert set(inspect(bare).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    alembic(bare, "check")


def test_downgrade_leaves_nothing_and_upgrade_comes_back(bare: Engine) -> None:
    migrate(bare)
    alembic(bare, "downgrade", "base")
    assert inspect(bare).get_table_names() == ["alembic_version"]
    migrate(bare)
    migrate(bare)
    alembic(bare, "check")


def test_check_notices_drift(bare: Engine) -> None:
    migrate(bare)
    with bare.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE jobs ADD COLUMN stray INTEGER")
    with pytest.raises(Exception, match="New upgrade operations detected"):
        alembic(bare, "check")


def test_what_ended_not_well_before_is_told_so_from_then_on(bare: Engine) -> None:
    """And completed again, should one go back."""
    alembic(bare, "upgrade", "0005")
    # By experiment: of its runs the regularizer, and where it diverged.
    ended = {
        1: [("none", None), ("l1", 3), ("l1", 4)],
        2: [("none", None), ("l1", 3), ("l1", None)],
        3: [("none", 1), ("l1", None), ("l1", None)],
        4: [("none", None), ("l1", 2), ("l1", 2)],
    }
    with bare.begin() as connection:
        tables = MetaData()
        tables.reflect(connection, only=["experiments", "jobs", "runs"])
        for number, runs in ended.items():
            state = "failed" if number == 4 else "completed"
            shared = {"name": "", "notes": "", "spec": {}, "created": now(), "state": state}
            connection.execute(insert(tables.tables["experiments"]).values(id=number, **shared))
            job = {"id": number, "experiment_id": number, "state": state, "attempt": 1, "failures": 0, "epoch": 5}
            more = {"epochs": 5, "cancel_requested": False, "created": now()}
            connection.execute(insert(tables.tables["jobs"]).values(**job, **more))
            for seed, (key, epoch) in enumerate(runs):
                run = {"experiment_id": number, "job_id": number, "regularizer": key, "strength": 0.0, "seed": seed}
                connection.execute(insert(tables.tables["runs"]).values(**run, state="completed", diverged_epoch=epoch))

    def read() -> list[str]:
        with bare.connect() as connection:
            return list(connection.execute(text("SELECT state FROM experiments ORDER BY id")).scalars())

    migrate(bare)
    assert read() == ["diverged", "completed", "diverged", "failed"]
    alembic(bare, "downgrade", "0005")
    assert read() == ["completed", "completed", "completed", "failed"]
