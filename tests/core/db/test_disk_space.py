"""Whether a database's disk has room."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from core.db.disk_space import DiskSpace, says_full
from tests import full_disk

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def scarce(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Little is left, and syncing fails with this number."""

    def make(number: int | None) -> None:
        def sync(_descriptor: int) -> None:
            if number is not None:
                raise OSError(number, os.strerror(number))

        class Left:
            f_bavail, f_frsize = 10, 4096

        monkeypatch.setattr(os, "statvfs", lambda _folder: Left)
        monkeypatch.setattr(os, "fsync", sync)

    return make


@sqlite_only
@pytest.mark.parametrize(
    ("number", "is_full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EIO, False), (None, False)]
)
def test_a_file_is_asked_by_writing_beside_it(
    number: int | None, is_full: bool, engine: Engine, scarce: Callable[[int | None], None]
) -> None:
    scarce(number)
    before = set(os.listdir(os.path.dirname(engine.url.database or "")))  # noqa: PTH120, PTH208 - names are enough
    assert DiskSpace(engine).is_full() is is_full
    assert set(os.listdir(os.path.dirname(engine.url.database or ""))) == before  # noqa: PTH120, PTH208


def refuse(engine: Engine, statement: str) -> DBAPIError:
    with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
        connection.execute(text(statement))
    return caught.value


@sqlite_only
def test_sqlite_says_that_it_is_full(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE filler (x)"))
        connection.execute(text("PRAGMA max_page_count = 1"))
    assert says_full(refuse(engine, "INSERT INTO filler VALUES (zeroblob(1000000))"))
    assert not says_full(refuse(engine, "INSERT INTO nothing VALUES (1)"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_is_asked_once_it_has_said_so_and_leaves_nothing(engine: Engine, database_url: str) -> None:
    room = DiskSpace(engine)
    full_disk.fill(database_url)
    assert not room.is_full()
    error = refuse(
        engine, "INSERT INTO experiments (name, notes, spec, created, state) VALUES ('', '', '{}', now(), '')"
    )
    assert isinstance(error, OperationalError)
    assert says_full(error)
    assert room.explains(error)
    assert room.is_full()
    full_disk.make_room(database_url)
    room = DiskSpace(engine)
    room.suspect()
    assert not room.is_full()
    with engine.connect() as connection:
        left = "SELECT count(*) FROM pg_class WHERE relname = 'ridgeline_room'"
        assert connection.scalar(text(left)) == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_error_of_another_kind_is_explained_by_a_full_disk_only_where_it_is_full(
    engine: Engine, scarce: Callable[[int | None], None]
) -> None:
    """A quota that is met is an input and output error to SQLite."""
    room = DiskSpace(engine)
    cause: Any = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorcode = sqlite3.SQLITE_IOERR_WRITE
    error = OperationalError("", None, cause)
    assert not room.explains(error)
    scarce(errno.EDQUOT)
    assert DiskSpace(engine).explains(error)
