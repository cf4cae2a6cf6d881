"""Engines and sessions for SQLite and PostgreSQL, and the migrations that make the schema."""

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
    # Errors go into logs, and parameters may be anything: leases' tokens, users' notes.
    "hide_parameters": True,
    # Several times as fast as the standard library, on rows that are read and written by the thousand.
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}


def make_engine(settings: Settings) -> Engine:
    """An engine for ``settings.database_url``; the folder of a SQLite file is made when it first connects, which raises
    FolderError where it cannot be."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        # A client that is frozen within a transaction would keep its locks, and with them the job that it has lost.
        idle = f"-c idle_in_transaction_session_timeout={round(settings.lease_seconds * 1000)}"
        # A database whose encoding is SQL_ASCII answers in bytes unless the client names its own.
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
            f"The folder {folder} cannot be made: {_name_cause(error)}. Set RIDGELINE_HOME to one that can be written.",
            field="home",
            expected="a folder that can be written",
            received=str(folder),
        ) from error


def _name_cause(error: OSError) -> str:
    return "a file has its name" if isinstance(error, FileExistsError) else str(error.strerror)


def _configure_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    # The driver's own BEGIN is switched off, so that _begin_sqlite decides when a transaction starts.
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
        # Of the connection, and not to be changed within a transaction.
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.info["sqlite_durable"] = durable
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions that may write. On SQLite each takes the write lock when its transaction starts.

    What they commit survives a power cut; on PostgreSQL, as long as its ``synchronous_commit`` is as it comes.
    """
    return sessionmaker(engine, expire_on_commit=False)


def make_hasty_sessions(engine: Engine) -> sessionmaker[Session]:
    """The same for what nobody was promised, and comes by itself again: on SQLite a commit waits for no disk.

    A power cut takes away the last of these, in order: never one that another kind of commit came after.
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
