"""The database's clock: leases are timed by it alone, so that hosts whose clocks differ agree on who holds what."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db.models import now


def read_clock(session: Session) -> datetime:
    """The time at the database, in UTC. SQLite has no server: it is this machine's."""
    if session.get_bind().dialect.name == "sqlite":
        return now()
    time: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return time.astimezone(UTC)
