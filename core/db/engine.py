"""Engines and sessions for SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.orm import Session, sessionmaker

from core.db.revision import upgrade
from core.durable_files import make_folder
from core.errors import FolderError
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
OPTIONS: dict[str, Any] = {
    # Errors are logged, and parameters may be private: tokens of leases, users' notes.
    "hide_parameters": True,
    # Several times as fast as the standard library.
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}


def make_engine(settings: Settings) -> Engine:
    """An engine for ``settings.database_url``. Its first connection creates the folder of a SQLite file, and raises
    FolderError if that is impossible."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        # Ends transactions of frozen clients, which would keep their locks, and so the job that they lost.
        idle = f"-c idle_in_transaction_session_timeout={round(settings.lease_seconds * 1000)}"
        # A database with the encoding SQL_ASCII returns bytes unless the client sets an encoding.
        arguments = {"client_encoding": "utf8", "connect_timeout": 10, "options": idle}
        return create_engine(url, connect_args=arguments, pool_pre_ping=True, pool_size=10, max_overflow=20, **OPTIONS)
    engine = create_engine(url, connect_args={"timeout": 30.0, "check_same_thread": False}, **OPTIONS)
    if url.database and url.database != ":memory:":
        folder = Path(url.database).parent
        event.listen(engine, "do_connect", lambda *_: _make_folder(folder))
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        make_folder(folder)
    except OSError as error:
        raise FolderError(
            f"The folder {folder} cannot be created: {_name_cause(error)}. Set RIDGELINE_HOME to a writable folder.",
            field="home",
            expected="a writable folder",
            received=str(folder),
        ) from error


def _name_cause(error: OSError) -> str:
    return "a file has its name" if isinstance(error, FileExistsError) else str(error.strerror)


def _configure_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    # Disables the driver's own BEGIN, so that _begin_sqlite starts transactions.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    record.info["sqlite_durable"] = True


def _begin_sqlite(connection: Any) -> None:
    # A deferred transaction that reads first and writes later fails at once with "database is locked" when another
    # writer came between; taking the write lock at the start makes it wait its turn instead.
    options = connection.get_execution_options()
    writes, durable = options.get("sqlite_write", True), options.get("sqlite_durable", True)
    if writes and connection.info["sqlite_durable"] != durable:
        # A setting of the connection, to be changed outside transactions.
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.info["sqlite_durable"] = durable
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that may write. On SQLite each takes the write lock when its transaction starts.

    Commits survive a power cut; on PostgreSQL with its default ``synchronous_commit``.
    """
    return sessionmaker(engine, expire_on_commit=False)


def make_hasty_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions for writes that may get lost and are repeated: on SQLite a commit does not wait for the disk.

    A power cut may undo the latest of these commits, but none before a durable commit.
    """
    if engine.dialect.name == "sqlite":
        return sessionmaker(engine.execution_options(sqlite_durable=False), expire_on_commit=False)
    return make_sessions(engine)


def make_readers(engine: Engine) -> sessionmaker[Session]:
    """Sessions that only read: one consistent snapshot per transaction, and on SQLite no write lock."""
    if engine.dialect.name == "sqlite":
        return sessionmaker(engine.execution_options(sqlite_write=False), expire_on_commit=False)
    return sessionmaker(engine.execution_options(isolation_level="REPEATABLE READ"), expire_on_commit=False)


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision."""
    with engine.begin() as connection:
        upgrade(connection)
