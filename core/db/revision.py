"""Revisions of the schema: known ones, that of a database, and upgrades."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from alembic import command
from core.errors import SchemaError

# An arbitrary constant: the first eight bytes of "ridgeline".
_LOCK = int.from_bytes(b"ridgelin")
_SCRIPTS = Path(__file__).resolve().parents[2] / "alembic"


def _make_config() -> Config:
    config = Config()
    # Alembic's configuration takes what follows a % for the name of another option.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


@lru_cache
def find_newest_revision() -> str:
    """The newest revision of this code's migrations."""
    return ScriptDirectory.from_config(_make_config()).get_current_head() or ""


@lru_cache
def list_revisions() -> tuple[str, ...]:
    """Every revision that this code knows, newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_make_config()).walk_revisions())


def read_revisions(connection: Connection) -> list[str]:
    """The revisions that the database names; normally one."""
    return sorted(MigrationContext.configure(connection).get_current_heads())


def read_revision(connection: Connection) -> str | None:
    """The revision of the schema behind ``connection``; None where there is none. Raises SchemaError."""
    found = read_revisions(connection)
    if len(found) > 1:
        raise SchemaError(
            "The database names several revisions of its schema; restore a backup with: "
            "ridgeline restore --replace FILE.",
            field="revision",
            expected="one revision",
            received=", ".join(found),
        )
    return found[0] if found else None


def check_known(revision: str | None) -> None:
    """Raise SchemaError where a database is at a revision that this code does not know."""
    if revision is not None and revision not in list_revisions():
        raise SchemaError(
            f"The database's schema ({revision}) is newer than this Ridgeline's ({find_newest_revision()}): "
            "upgrade Ridgeline, or restore an older backup.",
            field="revision",
            expected=f"one of: {', '.join(list_revisions())}",
            received=revision,
        )


def lock_schema(connection: Connection) -> None:
    """Lock the schema until the transaction ends. SQLite has a single writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to ``revision``, in the transaction of ``connection``. Raises SchemaError."""
    lock_schema(connection)
    found = read_revision(connection)
    check_known(found)
    if found is None and inspect(connection).has_table("experiments"):
        raise SchemaError(
            "The database has tables of Ridgeline, but names no revision; restore a backup with: "
            "ridgeline restore --replace FILE.",
            field="revision",
            expected="a revision in alembic_version",
        )
    config = _make_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
