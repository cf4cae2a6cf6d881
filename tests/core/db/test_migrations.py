"""The migrations make the schema that the models describe, and take it away again, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from alembic.config import Config
from sqlalchemy import Engine, MetaData, column, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from alembic import command
from core.db.engine import ROOT, make_engine, migrate
from core.db.models import Base, now
from core.errors import SchemaError
from core.settings import Settings
from core.text.case_folding import fold_lines
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


# As of revision 0005: something in every table that refers to another, with a gap where an experiment was deleted.
OLD = (
    "INSERT INTO experiments (id, name, notes, spec, idempotency_key, created, state) VALUES "
    "(2, 'Über', 'two\nlines', '{\"epochs\": 4}', 'key', '2026-01-02 03:04:05.000006', 'completed'), "
    "(9, 'ΟΔΟΣ', '', '{}', NULL, '2026-01-02 03:04:05', 'failed')",
    "INSERT INTO experiment_tags (experiment_id, tag) VALUES (9, 'thesis'), (9, 'λ'), (2, 'thesis')",
    "INSERT INTO jobs (id, experiment_id, state, attempt, failures, epoch, epochs, cancel_requested, created) VALUES "
    "(3, 2, 'completed', 1, 0, 4, 4, false, '2026-01-02 03:04:05'), "
    "(7, 9, 'failed', 1, 0, 2, 4, true, '2026-01-02 03:04:05')",
    "INSERT INTO runs (id, experiment_id, job_id, regularizer, strength, seed, state, best) VALUES "
    "(4, 2, 3, 'l2', 0.5, 0, 'completed', 'null'), (8, 9, 7, 'l1', 1e-300, 1, 'failed', NULL)",
    "INSERT INTO epochs (run_id, epoch, train_loss) VALUES (4, 1, 0.25), (4, 2, 0.125), (8, 1, NULL)",
    "INSERT INTO histograms (run_id, epoch, layer, low, high, counts) VALUES (8, 1, '0.weight', -1, 1, 'abc')",
    "INSERT INTO coefficients (run_id, outputs, weights) VALUES (4, 1, 'abc')",
)
KEPT = ("experiments", "experiment_tags", "jobs", "runs", "epochs", "histograms", "coefficients")


def read_old(engine: Engine, columns: dict[str, list[str]]) -> dict[str, list[Any]]:
    with engine.connect() as connection:
        return {
            table: sorted(map(repr, connection.execute(select(*map(column, names)).select_from(text(table)))))
            for table, names in columns.items()
        }


def describe(engine: Engine) -> dict[str, Any]:
    """Keys, indexes and constraints of every table."""
    found = inspect(engine)
    reads = (found.get_pk_constraint, found.get_foreign_keys, found.get_indexes, found.get_unique_constraints)
    return {
        table: [sorted(map(repr, read(table))) if read != reads[0] else read(table) for read in reads] for table in KEPT
    }


def test_a_migration_keeps_rows_keys_and_indexes_and_gives_no_id_again(bare: Engine) -> None:
    alembic(bare, "upgrade", "0005")
    with bare.begin() as connection:
        for statement in OLD:
            connection.execute(text(statement))
    columns = {table: [each["name"] for each in inspect(bare).get_columns(table)] for table in KEPT}
    rows, keys = read_old(bare, columns), describe(bare)
    assert all(rows.values())
    migrate(bare)
    # Of later migrations, the key of a run has its split.
    keys["runs"][2:] = [[each.replace("'seed']", "'seed', 'split']") for each in own] for own in keys["runs"][2:]]
    assert (read_old(bare, columns), describe(bare)) == (rows, keys)
    with bare.begin() as connection:
        if bare.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            clustered = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'epochs'").scalar_one()
            assert "WITHOUT ROWID" in clustered
            leftover = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name LIKE 'new%'").all()
            assert leftover == []
        else:
            # Rows of a test, written with their ids.
            connection.execute(text("SELECT setval('experiments_id_seq', 9)"))
        # What was there is searched like what comes.
        searched = {row.id: row.search for row in connection.execute(text("SELECT id, search FROM experiments"))}
        assert searched == {2: fold_lines("Über", "two\nlines", "thesis"), 9: fold_lines("ΟΔΟΣ", "", "thesis", "λ")}
        # Foreign keys still delete what they should, and hold.
        connection.execute(text("DELETE FROM experiments WHERE id = 9"))
        assert connection.execute(text("SELECT run_id FROM epochs ORDER BY epoch")).scalars().all() == [4, 4]
        assert connection.execute(text("SELECT id FROM jobs")).scalars().all() == [3]
        new = (
            "INSERT INTO experiments (name, notes, spec, created, state) VALUES ('', '', '{}', '2026-01-02', 'queued')"
        )
        connection.execute(text(new))
        assert connection.execute(text("SELECT max(id) FROM experiments")).scalar_one() == 10
    with pytest.raises(IntegrityError), bare.begin() as connection:
        connection.execute(text("INSERT INTO experiment_tags (experiment_id, tag) VALUES (9, 'gone')"))


def test_the_way_back_keeps_rows_too(bare: Engine) -> None:
    alembic(bare, "upgrade", "0005")
    with bare.begin() as connection:
        for statement in OLD:
            connection.execute(text(statement))
    columns = {table: [each["name"] for each in inspect(bare).get_columns(table)] for table in KEPT}
    rows, keys = read_old(bare, columns), describe(bare)
    migrate(bare)
    alembic(bare, "downgrade", "0005")
    assert (read_old(bare, columns), describe(bare)) == (rows, keys)
    migrate(bare)
    assert read_old(bare, columns) == rows


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
        ("DELETE FROM alembic_version", "names no revision"),
    ],
)
def test_a_schema_that_this_code_does_not_know_is_left_alone(bare: Engine, statement: str, sentence: str) -> None:
    migrate(bare)
    with bare.begin() as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(SchemaError, match=sentence):
        migrate(bare)
    assert set(inspect(bare).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_the_key_of_a_run_has_its_split_and_no_id_of_one_comes_back(bare: Engine) -> None:
    """Though the last run was deleted before, whose id SQLite's copy of the table does not know."""
    alembic(bare, "upgrade", "0010")
    with bare.begin() as connection:
        for statement in (*OLD, "INSERT INTO outcomes (run_id, losses) VALUES (4, 'abcd')"):
            connection.execute(text(statement))
        if bare.dialect.name == "postgresql":
            connection.execute(text("SELECT setval('runs_id_seq', 8)"))
        connection.execute(text("DELETE FROM runs WHERE id = 8"))
    alembic(bare, "upgrade", "0011")
    added = "INSERT INTO runs (experiment_id, job_id, regularizer, strength, seed, split, state) VALUES "
    with bare.begin() as connection:
        assert connection.execute(text("SELECT id, split FROM runs")).all() == [(4, 0)]
        assert connection.execute(text("SELECT run_id FROM outcomes")).all() == [(4,)]
        connection.execute(text(added + "(2, 3, 'l2', 0.5, 0, 1, 'queued')"))
        assert connection.execute(text("SELECT max(id) FROM runs")).scalar_one() == 9
    with pytest.raises(IntegrityError), bare.begin() as connection:
        connection.execute(text(added + "(2, 3, 'l2', 0.5, 0, 1, 'queued')"))
    alembic(bare, "downgrade", "0010")
    with bare.connect() as connection:
        assert connection.execute(text("SELECT id FROM runs")).all() == [(4,)]
        assert connection.execute(text("SELECT run_id FROM epochs")).all() == [(4,), (4,)]
