"""The worker's row in the database: its host, its device, and the time of its last heartbeat."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import uuid

from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from core.db.queries import workers
from worker.supervisor.counters import counters
from worker.supervisor.database import AWAY, Database, describe
from worker.trainer.pool import TrainerPool

logger = logging.getLogger(__name__)


class Heartbeat:
    """``wait`` for the row, ``beat`` to keep it, ``remove`` it at the end. The pool must have been started."""

    def __init__(self, database: Database, pool: TrainerPool) -> None:
        self.worker_id = str(uuid.uuid4())
        self._database = database
        self._pool = pool

    def wait(self, stopping: threading.Event) -> bool:
        """Register, waiting for a database that is away or not yet migrated; False if told to stop meanwhile."""
        waited = False
        while not stopping.is_set():
            try:
                self._database.write(self._register)
            except (*AWAY, ProgrammingError) as error:
                if not waited:
                    logger.warning("Waiting for a migrated database: %s", describe(error))
                waited = True
                stopping.wait(0.5)
            else:
                return True
        return False

    def beat(self) -> None:
        if not self._database.write(lambda s: workers.beat(s, self.worker_id, counters.read())):
            self._database.write(self._register)

    def remove(self) -> None:
        with contextlib.suppress(*AWAY, ProgrammingError):
            self._database.write(lambda s: workers.remove(s, self.worker_id))

    def _register(self, session: Session) -> None:
        device = self._pool.device_info
        assert device is not None
        workers.register(
            session,
            self.worker_id,
            host=socket.gethostname(),
            pid=os.getpid(),
            device=device.name[:100],
            memory_bytes=device.memory_bytes,
            trainers=self._pool.size,
            versions=device.versions,
        )
