"""The migrations make the schema that the models describe, and take it away again, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic.config import Config
from sqlalchemy import Engine, inspect

from alembic import command
from core.db.engine import ROOT, make_engine, migrate
from core.db.models import Base
from core.errors import SchemaError
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


def test_many_that_migrate_at_once_take_turns(bare: Engine) -> None:
    """Each on an engine of its own, as processes are; the file of SQLite is made by whoever comes first."""
    url = bare.url.render_as_string(hide_password=False)
    ready = Barrier(6)

    def bring_up(_: int) -> None:
        engine = make_engine(Settings(database_url=url))
        ready.wait()
        try:
            migrate(engine)
        finally:
            engine.dispose()

    for _ in range(3):
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(bring_up, range(6)))
        alembic(bare, "check")
        alembic(bare, "downgrade", "base")
        with bare.begin() as connection:
            connection.exec_driver_sql("DROP TABLE alembic_version")


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", r"schema \(9999\) is newer .* upgrade Ridgeline"),
        ("INSERT INTO alembic_version VALUES ('9999')", "names several revisions"),
        ("DELETE FROM alembic_version", "does not say of which revision"),
    ],
)
def test_a_schema_that_this_code_does_not_know_is_left_alone(bare: Engine, statement: str, sentence: str) -> None:
    migrate(bare)
    with bare.begin() as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(SchemaError, match=sentence):
        migrate(bare)
    assert set(inspect(bare).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
