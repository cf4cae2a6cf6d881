"""Detection of a full disk of the database."""

from __future__ import annotations

import errno
import os
import sqlite3
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from core.db.queries.runs import is_noticed

FULL = (
    "The disk of the database is full: nothing can be saved until there is room. "
    "Training waits, and loses nothing; free some space, and it continues by itself."
)
# PostgreSQL's disk_full.
_SQLSTATE = "53100"
# A file of the database could not be written or created, of which a full disk is one possible cause.
_PERHAPS = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
# About the size of a large transaction.
_PROBE_BYTES = 256 * 2**10
# With this much free space there is no probe; a quota shows by a failed transaction.
_PLENTY_BYTES = 64 * 2**20
_ASK_AGAIN_SECONDS = 1.0


def says_full(error: BaseException) -> bool:
    """Whether an error of the database or driver means a full disk."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if getattr(cause, "sqlstate", None) == _SQLSTATE:
        return True
    return _read_code(cause) == sqlite3.SQLITE_FULL


def _read_code(cause: Any) -> int | None:
    """SQLite's primary error code."""
    code = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


class DiskSpace:
    """Whether the database's disk is full. Made once per engine; thread-safe."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = threading.Lock()
        self._suspected = False
        self._answer, self._asked = False, -_ASK_AGAIN_SECONDS
        event.listen(engine, "handle_error", self._note)

    def is_full(self) -> bool:
        """Probes where there is reason to; raises the driver's error where PostgreSQL does not answer."""
        with self._turn:
            if time.monotonic() - self._asked > _ASK_AGAIN_SECONDS:
                is_file = self._engine.dialect.name == "sqlite"
                self._answer = self._ask_file() if is_file else self._suspected and self._ask_server()
                self._suspected = self._answer
                self._asked = time.monotonic()
            return self._answer

    def find_full(self, readers: sessionmaker[Session]) -> bool:
        """As ``is_full``, also probing where a worker noticed a full disk; raises the driver's errors."""
        with readers() as session:
            if is_noticed(session, FULL):
                self.suspect()
        return self.is_full()

    def suspect(self) -> None:
        """Probe at the next ``is_full``."""
        self._suspected = True

    def explains(self, error: DBAPIError) -> bool:
        """Whether a full disk caused this error."""
        return says_full(error) or (_read_code(error.orig) in _PERHAPS and self.is_full())

    def _note(self, context: ExceptionContext) -> None:
        cause = context.original_exception
        if says_full(cause) or _read_code(cause) in _PERHAPS:
            self._suspected, self._asked = True, -_ASK_AGAIN_SECONDS

    def _ask_file(self) -> bool:
        folder = Path(self._engine.url.database or ".").absolute().parent
        try:
            left = os.statvfs(folder)
            if not self._suspected and left.f_bavail * left.f_frsize > _PLENTY_BYTES:
                return False
            with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
                file.write(b"\1" * _PROBE_BYTES)
                os.fsync(file.fileno())
        except OSError as error:
            return error.errno in _NO_ROOM
        return False

    def _ask_server(self) -> bool:
        filler = text(
            "CREATE TEMPORARY TABLE ridgeline_room ON COMMIT DROP AS "
            "SELECT repeat('x', 1900) AS filler FROM generate_series(1, 128)"
        )
        try:
            with self._engine.begin() as connection:
                connection.execute(filler)
        except DBAPIError as error:
            if says_full(error):
                return True
            raise
        return False
