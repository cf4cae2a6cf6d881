"""The database's clock, for timestamps only: it may jump (see core.failure_detector)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from core.db.models import now


def read_clock(session: Session) -> datetime:
    """The database's time in UTC; on SQLite this machine's."""
    if session.get_bind().dialect.name == "sqlite":
        return now()
    time: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return time.astimezone(UTC)


def is_far(time: ColumnElement[Any], clock: datetime, seconds: float) -> ColumnElement[bool]:
    """Whether ``time`` is more than ``seconds`` before ``clock``, or after it: then the clock was set back."""
    apart = timedelta(seconds=seconds)
    return or_(time < clock - apart, time > clock + apart)
