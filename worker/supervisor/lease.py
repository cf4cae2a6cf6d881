"""The leases that this worker holds: renewed by heartbeat, given up when lost, cancelled or interrupted."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from enum import Enum

from core.db import stalled_connections
from core.db.queries import jobs
from core.db.queries.jobs import Claim
from core.errors import LeaseLostError
from core.settings import Settings
from worker.supervisor.database import AWAY, Database, describe

logger = logging.getLogger(__name__)


# A job that has been queued for so long waits for a trainer; a newer one may just be on its way to one.
WAITED_SECONDS = 2.0


class InterruptReason(Enum):
    """Why a job must not go on here, or goes back to the queue."""

    CANCEL = "a user asked for it"
    LOST = "its lease was lost"
    SHUTDOWN = "the worker is leaving"
    SLICE = "others wait"
    CRASH = "its trainer is gone"


class Lease:
    """A claimed job, and the requests about it since."""

    def __init__(self, claim: Claim, stopping: threading.Event) -> None:
        self.claim = claim
        self.cancel = False
        self.lost = False
        self.makes_room = False
        self.began = time.monotonic()
        # Whether its last checkpoint could be written: without one it would begin anew each time.
        self.can_save = True
        self._stopping = stopping

    @property
    def reason(self) -> InterruptReason | None:
        """Why its training must stop; None while it may go on."""
        if self.lost:
            return InterruptReason.LOST
        if self.cancel:
            return InterruptReason.CANCEL
        if self._stopping.is_set():
            return InterruptReason.SHUTDOWN
        return InterruptReason.SLICE if self.makes_room else None


class Leases:
    """A thread that sends heartbeats for this worker and each job it holds, and reads the requests about them."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        stopping: threading.Event,
        beat: Callable[[], None],
        count_idle: Callable[[], int],
    ) -> None:
        self._database = database
        self._settings = settings
        self._stopping = stopping
        self._beat = beat
        self._count_idle = count_idle
        self._held: dict[int, Lease] = {}
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leases", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join(5)

    @contextlib.contextmanager
    def hold(self, claim: Claim) -> Iterator[Lease]:
        """Keep this claim's lease for as long as the block runs."""
        lease = self._held[claim.job_id] = Lease(claim, self._stopping)
        try:
            yield lease
        finally:
            del self._held[claim.job_id]

    def _run(self) -> None:
        next_beat = time.monotonic()
        while not self._closed.wait(self._settings.cancel_poll_seconds):
            try:
                if time.monotonic() >= next_beat:
                    self._renew()
                    next_beat = time.monotonic() + self._settings.heartbeat_seconds
                self._listen()
            except AWAY as error:
                logger.warning("No heartbeat, the database is away: %s", describe(error))
            except Exception:
                logger.exception("The heartbeat failed and is tried again")

    def _renew(self) -> None:
        # First: a frozen client may have locked a row that is written next.
        ended = self._database.read(lambda s: stalled_connections.end_frozen(s, self._settings.lease_seconds))
        if ended:
            logger.warning("%d connections to the database were ended, their clients are frozen", ended)
        self._beat()
        for lease in list(self._held.values()):
            self._renew_one(lease)

    def _renew_one(self, lease: Lease) -> None:
        claim, seconds = lease.claim, self._settings.lease_seconds
        try:
            asked = self._database.write(lambda s: jobs.heartbeat(s, claim.job_id, claim.token, seconds))
        except LeaseLostError:
            lease.lost = True
        else:
            lease.cancel = lease.cancel or asked

    def _listen(self) -> None:
        held = {lease.claim.job_id: lease for lease in list(self._held.values())}
        if not held:
            return
        tokens = {job_id: lease.claim.token for job_id, lease in held.items()}
        requests = self._database.read(lambda s: jobs.read_requests(s, tokens))
        for job_id, lease in held.items():
            lease.cancel = lease.cancel or requests.get(job_id, False)
            lease.lost = job_id not in requests
        self._share(list(held.values()))

    def _share(self, held: list[Lease]) -> None:
        """Interrupt the oldest job past its time slice, where others wait and no trainer here is free."""
        late = time.monotonic() - self._settings.slice_seconds
        old = [lease for lease in held if lease.began < late and lease.can_save and not lease.makes_room]
        if old and not self._count_idle() and self._database.read(lambda s: jobs.is_waited_for(s, WAITED_SECONDS)):
            min(old, key=lambda lease: lease.began).makes_room = True
