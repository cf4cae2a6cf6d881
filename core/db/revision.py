"""The schema's revisions: which there are, which one a database has, and the way from one to another."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from alembic import command
from core.errors import SchemaError

# Any number that is always the same: "ridgeline", as ASCII, of which eight bytes fit.
_LOCK = int.from_bytes(b"ridgelin")
_SCRIPTS = Path(__file__).resolve().parents[2] / "alembic"


def _make_config() -> Config:
    config = Config()
    # Alembic's configuration takes what follows a % for the name of another option.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config


@lru_cache
def find_newest_revision() -> str:
    """The revision that this code's migrations lead to."""
    return ScriptDirectory.from_config(_make_config()).get_current_head() or ""


@lru_cache
def list_revisions() -> tuple[str, ...]:
    """Every revision that this code knows, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_make_config()).walk_revisions())


def read_revisions(connection: Connection) -> list[str]:
    """What the database says of its schema: one revision, unless somebody else has changed that."""
    return sorted(MigrationContext.configure(connection).get_current_heads())


def read_revision(connection: Connection) -> str | None:
    """The revision of the schema behind ``connection``; None where there is none. Raises SchemaError."""
    found = read_revisions(connection)
    if len(found) > 1:
        raise SchemaError(
            "The database names several revisions of its schema, so nobody knows which it has; bring a backup back "
            "with: ridgeline restore --replace FILE.",
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
            "upgrade Ridgeline, or bring back a backup of before.",
            field="revision",
            expected=f"one of: {', '.join(list_revisions())}",
            received=revision,
        )


def lock_schema(connection: Connection) -> None:
    """Nobody else changes the schema until the transaction ends. On SQLite whoever may write is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to ``revision``, in the transaction of ``connection``. Raises SchemaError."""
    lock_schema(connection)
    found = read_revision(connection)
    check_known(found)
    if found is None and inspect(connection).has_table("experiments"):
        raise SchemaError(
            "The database has tables of Ridgeline, but does not say of which revision; bring a backup back with: "
            "ridgeline restore --replace FILE.",
            field="revision",
            expected="a revision in alembic_version",
        )
    config = _make_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
