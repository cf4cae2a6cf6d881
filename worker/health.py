"""``python -m worker.health``: exit status 0 when a worker on this host has beaten of late."""

from __future__ import annotations

import socket
import sys

from sqlalchemy.exc import SQLAlchemyError

from core.db.engine import make_engine
from core.db.workers import is_alive_on
from core.settings import get_settings
from worker.database import Database


def main() -> int:
    host = socket.gethostname()
    engine = make_engine(get_settings())
    try:
        alive = Database(engine).read(lambda session: is_alive_on(session, host))
    except SQLAlchemyError as error:
        print(f"the database does not answer: {error}", file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    if not alive:
        print(f"expected a heartbeat of a worker on {host}; found none of late", file=sys.stderr)
    return 0 if alive else 1


if __name__ == "__main__":
    sys.exit(main())
