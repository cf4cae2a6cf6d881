"""Connections of frozen clients, which hold locks."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

# A client may freeze in the middle of sending a statement. The server does not count that as idle, so that
# idle_in_transaction_session_timeout (core.db.engine) does not apply, nor can a half statement be cancelled.
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
    """End connections of clients frozen for ``seconds`` in the middle of sending a statement; how many.

    Their transactions are rolled back, and their locks released. Does nothing on SQLite, where that is impossible.
    """
    if session.get_bind().dialect.name == "sqlite":
        return 0
    ended: int = session.execute(_END, {"seconds": seconds}).scalar_one()
    return ended
