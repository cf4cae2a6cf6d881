"""runs by split

A run's key carries its split: the fold, where there are folds.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NAME = "uq_runs_experiment_id"
BEFORE = ["experiment_id", "regularizer", "strength", "seed"]
AFTER = [*BEFORE, "split"]


def upgrade() -> None:
    op.add_column("runs", sa.Column("split", sa.Integer(), nullable=False, server_default="0"))
    _change_key(BEFORE, AFTER)


def downgrade() -> None:
    op.execute("DELETE FROM runs WHERE split <> 0")
    _change_key(AFTER, BEFORE)
    op.drop_column("runs", "split")


def _change_key(before: list[str], after: list[str]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(f"UNIQUE ({', '.join(before)})", f"UNIQUE ({', '.join(after)})")
    else:
        op.drop_constraint(NAME, "runs", type_="unique")
        op.create_unique_constraint(NAME, "runs", after)


def _rebuild(old: str, new: str) -> None:
    """Copy SQLite's runs into a table with another key, and all tables that refer to them.

    Dropping a table that is referred to deletes the rows that do so, and within a transaction, as which this runs,
    foreign keys cannot be switched off. The counter of ids goes on.
    """
    run = op.get_bind().exec_driver_sql
    written = {row.name: row.sql for row in run("SELECT name, sql FROM sqlite_master WHERE type = 'table'")}
    tables = ["runs", *sorted(name for name, sql in written.items() if _refers(sql))]
    indexes: list[Any] = [
        row.sql
        for row in run("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
        if row.tbl_name in tables
    ]
    counter = run("SELECT seq FROM sqlite_sequence WHERE name = 'runs'").scalar_one_or_none()
    for name in tables:
        run(_rewrite(name, written[name], *((old, new) if name == "runs" else ("", ""))))
        run(f"INSERT INTO new_{name} SELECT * FROM {name}")  # noqa: S608  # a name from the schema
    for name in reversed(tables):
        run(f"DROP TABLE {name}")
    for name in tables:
        # What refers to it follows.
        run(f"ALTER TABLE new_{name} RENAME TO {name}")
    for definition in indexes:
        run(definition)
    if counter is not None:
        run("DELETE FROM sqlite_sequence WHERE name = 'runs'")
        run("INSERT INTO sqlite_sequence (name, seq) VALUES ('runs', ?)", (counter,))


def _refers(written: str | None) -> bool:
    return re.search(r'\bREFERENCES "?runs"?', written or "") is not None


def _rewrite(name: str, written: str, old: str, new: str) -> str:
    """The definition of the new table. Raises ValueError where the old one is not as the migrations before made it."""
    renamed, tables = re.subn(rf'^CREATE TABLE "?{name}"?(?= |\()', f"CREATE TABLE new_{name}", written)
    referring = re.sub(r'\bREFERENCES "?runs"?', "REFERENCES new_runs", renamed)
    if tables != 1 or (old and referring.count(old) != 1):
        raise ValueError(f"expected the table {name} as Ridgeline makes it; received {written}")
    return referring.replace(old, new) if old else referring
