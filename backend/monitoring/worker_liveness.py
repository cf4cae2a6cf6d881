"""Which workers are alive, as this process sees them beat; and the end of cancelled jobs whose holder is dead."""

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

log = logging.getLogger("ridgeline.liveness")

_LOOK_SECONDS = 1.0
# While the database is away nobody can beat, nor look. Nor can anybody beat while its disk is full.
_LONGEST_GAP = 3.0


class WorkerLiveness:
    """A thread that looks every second; ``start`` and ``close`` it. Answers from any thread."""

    def __init__(
        self, sessions: sessionmaker[Session], readers: sessionmaker[Session], lease_seconds: float, room: DiskSpace
    ) -> None:
        self._sessions = sessions
        self._readers = readers
        self._lease_seconds = lease_seconds
        self._room = room
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
        """Those of all the workers that are alive, in their order; ``clock``: the time that their database has.

        ``is_full``: its disk is, so that nobody can beat: each is judged as of when the last of them did.
        """
        silences = {worker: self._find_silence(worker, clock) for worker in workers}
        longest = ALIVE_SECONDS + (min(silences.values(), default=0.0) if is_full else 0.0)
        return [worker for worker in workers if silences[worker] < longest]

    def count_trainers(self, session: Session) -> int:
        """How many jobs the live workers train at once."""
        return sum(worker.trainers for worker in self.pick_alive(list_workers(session), read_clock(session)))

    def look(self) -> None:
        """One round. A cancellation needs no worker: the API ends a job itself once nobody holds it."""
        if self._room.find_full(self._readers):
            self._beats.skip()
            self._leases.skip()
        with self._readers() as session:
            workers, clock = list_workers(session), read_clock(session)
            leases = jobs.read_leases(session)
        self._beats.look(
            {worker.id: worker.heartbeat for worker in workers},
            {worker.id: _presume(worker, clock) for worker in workers},
        )
        self._leases.look(leases)
        silent = self._leases.list_silent(self._lease_seconds)
        if silent and self._is_cancelled(silent):
            with self._sessions.begin() as session:
                ended = jobs.cancel_silent(session, silent)
            if ended:
                log.warning("cancelled, their workers are gone: jobs %s", ended, extra={"jobs": ended})

    def _find_silence(self, worker: Worker, clock: datetime) -> float:
        """One that has not been watched yet is believed what it says of the time, for as long as it takes to see."""
        silence = self._beats.find_silence(worker.id)
        return _presume(worker, clock) if silence is None else silence

    def _is_cancelled(self, silent: dict[int, jobs.LeaseMark]) -> bool:
        with self._readers() as session:
            return bool(jobs.list_to_cancel(session, silent))

    def _run(self) -> None:
        while not self._closed.wait(_LOOK_SECONDS):
            try:
                self.look()
                self._away = False
            except SQLAlchemyError as error:
                if not self._away:
                    log.warning("the database does not answer; workers are not watched: %s", error)
                self._away = True
            except Exception:
                log.exception("watching the workers failed and is tried again")


def _presume(worker: Worker, clock: datetime) -> float:
    """Seconds that it has been silent for, by its own words; a beat of the future may be as old as it is ahead."""
    return abs((clock - worker.heartbeat).total_seconds())
