"""Which workers are alive, by their heartbeats; ends jobs that were cancelled and whose worker is dead."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from core.db.clock import read_clock
from core.db.disk_space import DiskSpace
from core.db.models import Worker
from core.db.queries import jobs
from core.db.queries.workers import ALIVE_SECONDS, list_workers
from core.failure_detector import FailureDetector

log = logging.getLogger("ridgeline.worker_liveness")

_LOOK_SECONDS = 1.0
# While the database is unavailable, or its disk full, no heartbeat can be written.
_LONGEST_GAP = 3.0


class WorkerLiveness:
    """A thread that reads the heartbeats every second; ``start`` and ``close`` it. Usable from any thread."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        readers: sessionmaker[Session],
        lease_seconds: float,
        disk_space: DiskSpace,
    ) -> None:
        self._sessions = sessions
        self._readers = readers
        self._lease_seconds = lease_seconds
        self._disk_space = disk_space
        self._beats = FailureDetector[str, datetime](_LONGEST_GAP)
        self._leases = FailureDetector[int, jobs.LeaseMark](_LONGEST_GAP)
        self._away = False
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="liveness", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def pick_alive(self, workers: Sequence[Worker], clock: datetime, *, is_full: bool = False) -> Sequence[Worker]:
        """The live ones of all workers, in their order; ``clock``: the database's time.

        ``is_full``: its disk is full, so no heartbeat is possible: they are judged as of the newest heartbeat.
        """
        silences = {worker: self._find_silence(worker, clock) for worker in workers}
        longest = ALIVE_SECONDS + (min(silences.values(), default=0.0) if is_full else 0.0)
        return [worker for worker in workers if silences[worker] < longest]

    def count_trainers(self, session: Session) -> int:
        """The number of trainers of the live workers."""
        return sum(worker.trainers for worker in self.pick_alive(list_workers(session), read_clock(session)))

    def check(self) -> None:
        """One round: read heartbeats and leases; cancel jobs whose worker is dead, where cancelling is requested."""
        if self._disk_space.find_full(self._readers):
            self._beats.skip()
            self._leases.skip()
        with self._readers() as session:
            workers, clock = list_workers(session), read_clock(session)
            leases = jobs.read_leases(session)
        self._beats.look(
            {worker.id: worker.heartbeat for worker in workers},
            {worker.id: _estimate_silence(worker, clock) for worker in workers},
        )
        self._leases.look(leases)
        silent = self._leases.list_silent(self._lease_seconds)
        if silent and self._is_cancelled(silent):
            with self._sessions.begin() as session:
                ended = jobs.cancel_silent(session, silent)
            if ended:
                log.warning("cancelled jobs whose workers are dead: %s", ended, extra={"jobs": ended})

    def _find_silence(self, worker: Worker, clock: datetime) -> float:
        """Seconds of silence; of a worker not observed yet, by its own timestamp."""
        silence = self._beats.find_silence(worker.id)
        return _estimate_silence(worker, clock) if silence is None else silence

    def _is_cancelled(self, silent: dict[int, jobs.LeaseMark]) -> bool:
        with self._readers() as session:
            return bool(jobs.list_to_cancel(session, silent))

    def _run(self) -> None:
        while not self._closed.wait(_LOOK_SECONDS):
            try:
                self.check()
                self._away = False
            except SQLAlchemyError as error:
                if not self._away:
                    log.warning("the database does not answer; worker liveness is unknown: %s", error)
                self._away = True
            except Exception:
                log.exception("checking the workers failed and is tried again")


def _estimate_silence(worker: Worker, clock: datetime) -> float:
    """Seconds since its last heartbeat by its own timestamp; one in the future may be as old as it is ahead."""
    return abs((clock - worker.heartbeat).total_seconds())
