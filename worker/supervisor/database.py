"""Short transactions, on a database that may be unavailable for a while."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from core.db.disk_space import DiskSpace, says_full
from core.db.engine import make_hasty_sessions, make_readers, make_sessions

logger = logging.getLogger(__name__)
T = TypeVar("T")

# Errors of a database that is restarting, unreachable, locked or full, of a lost deadlock, and of a process that was
# frozen within a transaction. All of them may pass.
AWAY = (OperationalError, InterfaceError, InternalError, PoolTimeoutError)
LONGEST_PAUSE = 2.0


def describe(error: Exception) -> str:
    """The driver's words for the log."""
    return str(error.__cause__ or error).strip()


class Database:
    """``write`` and ``read`` try once, ``persist`` until it succeeds."""

    def __init__(self, engine: Engine) -> None:
        self._sessions = make_sessions(engine)
        self._hasty = make_hasty_sessions(engine)
        self._readers = make_readers(engine)
        self._room = DiskSpace(engine)

    def write(self, work: Callable[[Session], T], *, hasty: bool = False) -> T:
        """``work`` in one transaction, committed; where it is ``hasty``, a power cut may undo it."""
        with (self._hasty if hasty else self._sessions).begin() as session:
            return work(session)

    def read(self, work: Callable[[Session], T]) -> T:
        """``work`` on a snapshot."""
        with self._readers.begin() as session:
            return work(session)

    def is_full(self) -> bool:
        """Whether its disk is full; asked only where there is reason to."""
        return self._room.is_full()

    def persist(
        self,
        work: Callable[[Session], T],
        meanwhile: Callable[[], None],
        pause: threading.Event,
        *,
        hasty: bool = False,
        say_full: Callable[[], None] = lambda: None,
    ) -> T:
        """Like ``write``, repeated while the database is away, or full; ``say_full`` is called where it is full.

        ``meanwhile`` is called between the attempts and ends the waiting by raising. ``pause`` cuts a pause short.
        """
        seconds = 0.05
        while True:
            try:
                done = self.write(work, hasty=hasty)
            except AWAY as error:
                is_full = says_full(error)
                if seconds == 0.05:
                    what = "The disk of the database is full" if is_full else "The database is away"
                    logger.warning("%s, waiting for it: %s", what, describe(error))
                if is_full:
                    say_full()
                meanwhile()
                pause.wait(seconds)
                seconds = min(seconds * 2, LONGEST_PAUSE)
            else:
                if seconds > 0.05:
                    logger.warning("The database is back")
                return done
