"""Ids that never come back, and versions of what people write about an experiment.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import re

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Each after those that it refers to. PostgreSQL's sequences give no id twice.
TABLES = ("experiments", "experiment_tags", "jobs", "runs", "epochs", "histograms", "coefficients")
ONCE = ("experiments", "jobs", "runs")


def upgrade() -> None:
    op.add_column("experiments", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(dict.fromkeys(ONCE, ("PRIMARY KEY (id)", "PRIMARY KEY (id AUTOINCREMENT)")))


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(dict.fromkeys(ONCE, ("PRIMARY KEY (id AUTOINCREMENT)", "PRIMARY KEY (id)")))
    op.drop_column("experiments", "version")


def _rebuild(changes: dict[str, tuple[str, str]]) -> None:
    """Copy SQLite's tables into new ones that differ in this of their definition.

    All that refer to another are copied with it: dropping a table that is referred to deletes the rows that do so, and
    within a transaction, as which this runs, foreign keys cannot be switched off. Counting begins at the highest id.
    """
    run = op.get_bind().exec_driver_sql
    indexes = [
        row.sql
        for row in run("SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name")
        if row.tbl_name in TABLES
    ]
    for name in TABLES:
        written = run("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)).scalar_one()
        run(_rewrite(name, written, *changes.get(name, ("", ""))))
        run(f"INSERT INTO new_{name} SELECT * FROM {name}")  # noqa: S608  # a name from above
    for name in reversed(TABLES):
        run(f"DROP TABLE {name}")
    for name in TABLES:
        # What refers to it follows.
        run(f"ALTER TABLE new_{name} RENAME TO {name}")
    for definition in indexes:
        run(definition)


def _rewrite(name: str, written: str, old: str, new: str) -> str:
    """The definition of the new table. Raises ValueError where the old one is not as the migrations before made it."""
    renamed, tables = re.subn(rf'^CREATE TABLE "?{name}"?(?= |\()', f"CREATE TABLE new_{name}", written)
    referring = re.sub(r'\bREFERENCES "?(\w+)"?', r"REFERENCES new_\1", renamed)
    if tables != 1 or (old and referring.count(old) != 1):
        raise ValueError(f"expected the table {name} as Ridgeline makes it; received {written}")
    return referring.replace(old, new) if old else referring
