"""The health check: ``python -m worker.supervisor.health`` exits with 0 if a worker on this host sends heartbeats."""

from __future__ import annotations

import socket
import sys
import time
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from core.command_failures import run
from core.db.engine import make_engine
from core.db.queries.workers import ALIVE_SECONDS, read_beats
from core.settings import get_settings
from worker.supervisor.database import Database

_LOOK_SECONDS = 0.2


def see_beat(database: Database, host: str) -> bool:
    """Whether one of the host's workers sends a heartbeat before it would be taken for dead.

    The time of the last heartbeat proves nothing: clocks jump.
    """

    def read() -> dict[str, datetime]:
        return database.read(lambda session: read_beats(session, host))

    before, deadline = read(), time.monotonic() + ALIVE_SECONDS
    while before and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        now = read()
        if any(before.get(worker_id) != beat for worker_id, beat in now.items()):
            return True
    return False


def main() -> int:
    host = socket.gethostname()
    engine = make_engine(get_settings())
    try:
        alive = see_beat(Database(engine), host)
    except SQLAlchemyError as error:
        print(f"the database does not answer: {error}", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    if not alive:
        print(f"expected a heartbeat of a worker on {host}; found none", file=sys.stderr)
    return 0 if alive else 1


if __name__ == "__main__":
    sys.exit(run(main))
