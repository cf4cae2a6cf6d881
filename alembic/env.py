"""Runs migrations on the connection that it is handed, or on the one that the settings name."""

from __future__ import annotations

from sqlalchemy import Connection

from alembic import context
from core.db.engine import make_engine
from core.db.models import Base
from core.db.revision import lock_schema
from core.settings import get_settings


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("alembic: offline mode is not supported; run against a database")
given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(get_settings()).begin() as own:
        lock_schema(own)
        run(own)
