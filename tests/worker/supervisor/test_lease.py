"""The heartbeat ends connections of frozen clients."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from core.settings import Settings
from tests.core.db.test_stalled_connections import freezing, take_lock
from worker.supervisor.database import Database
from worker.supervisor.lease import Leases

# Of a client that has begun, locked, and sent a part of a statement.
PIECES = 3


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_heartbeat_ends_a_client_that_is_frozen_while_it_sends(
    settings: Settings, engine: Engine, sessions: sessionmaker[Session]
) -> None:
    change = {"lease_seconds": 0.2, "heartbeat_seconds": 0.1, "cancel_poll_seconds": 0.05}
    leases = Leases(Database(engine), settings.model_copy(update=change), threading.Event(), lambda: None, lambda: 0)
    with freezing(settings, PIECES) as wire:
        leases.start()
        with sessions.begin() as session:
            take_lock(session, PIECES)
        leases.close()
        assert wire.withheld
