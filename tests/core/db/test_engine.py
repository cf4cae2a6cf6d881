"""Engines: what they make of the databases that they are given."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, select, text
from sqlalchemy.exc import InternalError

from core.db.engine import make_engine, make_hasty_sessions, make_readers, make_sessions, migrate
from core.db.models import Experiment
from core.settings import Settings
from tests.conftest import drop_database, run_sql


def test_text_comes_back_from_a_database_without_an_encoding(postgres_server: str, tmp_path: Path) -> None:
    """SQL_ASCII is what initdb makes in a container without a locale."""
    run_sql(postgres_server, "CREATE DATABASE plain TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    url = make_url(postgres_server).set(database="plain").render_as_string(hide_password=False)
    engine = make_engine(Settings(home=tmp_path, database_url=url))
    migrate(engine)
    with make_sessions(engine)() as session, session.begin():
        session.add(Experiment(name="λ = 10⁻³", notes="", spec={"name": "λ = 10⁻³"}))
    with make_sessions(engine)() as session:
        row = session.execute(select(Experiment)).scalar_one()
        assert (row.name, row.spec) == ("λ = 10⁻³", {"name": "λ = 10⁻³"})
    engine.dispose()
    drop_database(postgres_server, url)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_waits_for_other_writers_and_keeps_foreign_keys(settings: Settings) -> None:
    engine = make_engine(settings)
    with engine.connect() as connection:
        pragmas = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "foreign_keys")}
        assert connection.scalar(text("PRAGMA busy_timeout")) >= 10_000
    engine.dispose()
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_committed_is_on_the_disk_unless_it_may_be_lost(engine: Engine) -> None:
    """Of one connection after the other's: 2 is FULL, 1 is NORMAL."""
    levels = []
    for make in (make_sessions, make_hasty_sessions, make_hasty_sessions, make_sessions, make_readers, make_sessions):
        with make(engine).begin() as session:
            levels.append(session.scalar(text("PRAGMA synchronous")))
    assert engine.pool.checkedin() == 1  # type: ignore[attr-defined]  # of the pool that files have
    assert levels == [2, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_is_frozen_within_a_transaction_loses_its_locks(settings: Settings) -> None:
    engine = make_engine(settings.model_copy(update={"lease_seconds": 0.2}))
    with engine.connect() as connection:
        connection.execute(text("LOCK TABLE jobs"))
        time.sleep(0.5)
        with engine.begin() as other:
            other.execute(text("SET LOCAL lock_timeout = 1000"))
            other.execute(text("LOCK TABLE jobs"))
        with pytest.raises(InternalError, match="idle-in-transaction"):
            connection.execute(text("SELECT 1"))
        connection.invalidate()
    engine.dispose()
