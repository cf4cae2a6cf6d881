"""The schema's revisions: which there are, which one a database has, and the way from one to another."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from alembic import command

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


def read_revision(connection: Connection) -> str | None:
    """The revision of the schema behind ``connection``; None where there is none."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema to ``revision``, in the transaction of ``connection``."""
    config = _make_config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
