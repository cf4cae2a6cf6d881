"""Announces jobs whose messages were lost, and takes jobs back whose workers died.

A thread in every worker, safe beside any number of others.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from core.db.queries import jobs, workers
from core.failure_detector import FailureDetector
from core.settings import Settings
from worker.supervisor.counters import counters
from worker.supervisor.database import AWAY, Database, describe

logger = logging.getLogger(__name__)

FORGET_SECONDS = 600.0
# Announced at once per idle trainer, so that many short jobs whose messages are lost do not wait for the next round.
ANNOUNCEMENTS_PER_TRAINER = 20


class Reconciler:
    """``start`` it. ``send`` sends a message for each job id; ``count_idle`` says how many trainers wait for work.

    It announces only while a trainer of this worker is idle: such a worker takes every message there is, so a job that
    is still queued then has lost its own. A busy worker would only pile up messages.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        send: Callable[[list[int]], object],
        count_idle: Callable[[], int],
    ) -> None:
        self._database = database
        self._settings = settings
        self._send = send
        self._count_idle = count_idle
        gap = max(settings.reconcile_seconds + settings.heartbeat_seconds, settings.lease_seconds / 2)
        self._leases = FailureDetector[int, jobs.LeaseMark](gap)
        self._beats = FailureDetector[str, datetime](gap)
        self._closed = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closed = True
        self._wake.set()
        self._thread.join(5)

    def hand_over(self) -> None:
        """Announce the jobs that were given back, for another worker or the next start of this one."""
        with contextlib.suppress(*AWAY):
            chosen = self._database.write(lambda s: self._choose(s, FORGET_SECONDS, 100))
            if chosen:
                self._send(chosen)

    def hurry(self) -> None:
        """Start the next round now."""
        self._wake.set()

    def announce_now(self, job_ids: list[int]) -> None:
        """Announce these; if the database is away, a later round does."""
        with contextlib.suppress(*AWAY):
            self._database.write(lambda s: jobs.mark_announced(s, job_ids))
            self._send(job_ids)

    def reconcile(self) -> list[int]:
        """One round; the jobs that were announced."""
        taken = self._take_back()
        counters.add("leases_taken_back", len(taken))
        if taken:
            logger.warning("taken back, their leases ran out: jobs %s", taken)
        self._database.write(self._forget)
        idle = self._count_idle()
        late, most = self._settings.ring_after_seconds, idle * ANNOUNCEMENTS_PER_TRAINER
        chosen = self._database.write(lambda s: self._choose(s, late, most)) if idle else []
        if chosen:
            logger.info("announced again: jobs %s", chosen)
            self._send(chosen)
        return chosen

    def _take_back(self) -> list[int]:
        if self._database.is_full():
            # Nobody can renew a lease.
            self._leases.restart()
            return []
        began = time.monotonic()

        def take_back(session: Session) -> list[int] | None:
            session.connection()
            # A lock or a frozen machine that delayed this kept others from renewing their leases too.
            if time.monotonic() - began > self._settings.heartbeat_seconds:
                return None
            self._leases.look(jobs.read_leases(session))
            silent = self._leases.list_silent(self._settings.lease_seconds)
            return jobs.take_back(session, silent, self._settings.max_attempts)

        taken = self._database.write(take_back)
        if taken is None:
            self._leases.restart()
        return taken or []

    def _forget(self, session: Session) -> None:
        self._beats.look(workers.read_beats(session))
        workers.remove_dead(session, self._beats.list_silent(workers.ALIVE_SECONDS), FORGET_SECONDS)

    def _choose(self, session: Session, ring_after_seconds: float, limit: int) -> list[int]:
        chosen = jobs.list_unannounced(session, ring_after_seconds, limit)
        if chosen:
            jobs.mark_announced(session, chosen)
        return chosen

    def _run(self) -> None:
        while not self._closed:
            try:
                self.reconcile()
            except AWAY as error:
                # Holders of leases could not renew them either: they come first when the database is back.
                self._leases.restart()
                logger.warning("Nothing reconciled, the database is away: %s", describe(error))
            except Exception:
                logger.exception("Reconciling failed and is tried again")
            self._wake.wait(self._settings.reconcile_seconds)
            self._wake.clear()
