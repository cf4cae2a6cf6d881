"""Clients that are frozen, at any moment, keep no locks."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from core.db.engine import make_engine
from core.db.stalled_connections import end_frozen
from core.settings import Settings

# libpq sends what is ready in pieces of so many bytes, and may be frozen between two of them.
PIECE = 8192
LEASE_SECONDS = 0.2


class Wire(threading.Thread):
    """Between a client and its server; passes on so many of the client's pieces, and no more."""

    def __init__(self, server: tuple[str, int]) -> None:
        super().__init__(daemon=True)
        self._server = socket.create_connection(server)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.left = 10**9
        self.withheld = False

    def run(self) -> None:
        self._client, _ = self._listener.accept()
        threading.Thread(target=self._answer, daemon=True).start()
        with contextlib.suppress(OSError):
            while piece := self._client.recv(PIECE):
                if self.left <= 0:
                    self.withheld = True
                    return
                self._server.sendall(piece)
                self.left -= 1

    def _answer(self) -> None:
        with contextlib.suppress(OSError):
            while piece := self._server.recv(PIECE):
                self._client.sendall(piece)
            # A server that hangs up is heard by its client, who would wait for ever.
            self._client.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        for end in (self._client, self._server, self._listener):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextlib.contextmanager
def connect_through(settings: Settings) -> Iterator[tuple[Engine, Wire]]:
    url = make_url(settings.database_url)
    wire = Wire((url.host or "127.0.0.1", url.port or 5432))
    wire.start()
    through = url.set(host="127.0.0.1", port=wire.port).render_as_string(hide_password=False)
    engine = make_engine(settings.model_copy(update={"database_url": through, "lease_seconds": LEASE_SECONDS}))
    try:
        yield engine, wire
    finally:
        wire.cut()
        engine.dispose()


@contextlib.contextmanager
def freezing(settings: Settings, pieces: int) -> Iterator[Wire]:
    """A client that takes the advisory lock ``pieces`` and writes; all that comes after so many pieces is withheld."""
    # The wire is cut before the pool waits for what hangs on it.
    with ThreadPoolExecutor(1) as pool, connect_through(settings) as (engine, wire):
        connection = engine.connect()
        connection.execute(text("SELECT 1"))
        connection.rollback()

        def write() -> None:
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": pieces})
                # As an epoch's rows are, in one statement.
                connection.exec_driver_sql("SELECT length(%s::text)", ("x" * 40_000,))

        wire.left = pieces
        writing = pool.submit(write)
        time.sleep(1)
        yield wire
        wire.cut()
        with contextlib.suppress(DBAPIError):
            writing.result(10)
        connection.invalidate()


def take_lock(session: Session, key: int) -> None:
    session.execute(text("SET LOCAL lock_timeout = 1000"))
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def freeze_after(pieces: int, settings: Settings, others: sessionmaker[Session]) -> bool:
    """Whether a client that holds a lock came to be frozen; asserts that the lock is given up."""
    with freezing(settings, pieces) as wire:
        with others.begin() as session:
            end_frozen(session, LEASE_SECONDS)
            take_lock(session, pieces)
        return wire.withheld


# A client that is slow for a fifth of a second, which is the lease here, is taken for a frozen one.
@pytest.mark.alone
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_is_frozen_while_it_sends_a_statement_loses_its_locks(
    settings: Settings, sessions: sessionmaker[Session]
) -> None:
    with ThreadPoolExecutor(16) as pool:
        frozen = list(pool.map(lambda pieces: freeze_after(pieces, settings, sessions), range(1, 17)))
    # Begin, lock, a statement of five pieces; and then it commits.
    assert frozen.count(True) >= 7
    assert not frozen[-1]


def test_who_sends_nothing_or_is_at_work_is_not_frozen(
    settings: Settings, sessions: sessionmaker[Session], engine: Engine
) -> None:
    with engine.connect() as idle, engine.connect() as waiting, ThreadPoolExecutor(1) as pool:
        idle.execute(text("SELECT 1"))
        if engine.dialect.name == "postgresql":
            work = pool.submit(waiting.execute, text("SELECT pg_sleep(1)"))
        time.sleep(0.5)
        with sessions.begin() as session:
            assert end_frozen(session, LEASE_SECONDS) == 0
        if engine.dialect.name == "postgresql":
            work.result()
        assert idle.execute(text("SELECT 1")).scalar_one() == 1
