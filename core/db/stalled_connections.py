"""Clients of the database that were frozen, and the locks that they keep."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

# A statement is sent in parts. Between them the server waits for its client without counting the time as idle, which
# idle_in_transaction_session_timeout would end (core.db.engine), and it cancels no statement that it has half of.
_END = text(
    """
    SELECT count(*) FROM (
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
          AND state = 'active' AND wait_event_type = 'Client' AND wait_event = 'ClientRead'
          AND state_change < clock_timestamp() - make_interval(secs => :seconds)
    ) AS ended
    """
)


def end_frozen(session: Session, seconds: float) -> int:
    """End the connections of clients that stopped for ``seconds`` in the middle of sending a statement; how many.

    Their transactions are rolled back, so that nobody waits for their locks. On SQLite, whose locks only their own
    process can give up, there is nothing to do.
    """
    if session.get_bind().dialect.name == "sqlite":
        return 0
    ended: int = session.execute(_END, {"seconds": seconds}).scalar_one()
    return ended
