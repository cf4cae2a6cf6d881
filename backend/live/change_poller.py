"""Polls the database for changed jobs: one query per turn for all streams of this process."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from core.db.queries.runs import Fingerprint, read_fingerprints

log = logging.getLogger("ridgeline.change_poller")


class ChangePoller:
    """Polls only while there are followers, and holds no connection between two turns. Lives in one event loop."""

    def __init__(self, readers: sessionmaker[Session], poll_seconds: float) -> None:
        self._readers = readers
        self._poll_seconds = poll_seconds
        self._followers: Counter[int] = Counter()
        self._fingerprints: dict[int, Fingerprint] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.closed = False

    @asynccontextmanager
    async def follow(self, experiment_id: int) -> AsyncIterator[None]:
        """While inside, ``wait`` works for this experiment."""
        self._followers[experiment_id] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            self._followers[experiment_id] -= 1
            if not self._followers[experiment_id]:
                del self._followers[experiment_id]
                self._fingerprints.pop(experiment_id, None)

    async def wait(self, experiment_id: int, known: Fingerprint | None) -> Fingerprint | None:
        """The fingerprint of its jobs, once it differs from ``known``; None after ``close``."""
        while not self.closed:
            # The event first: a change between the two lines then ends the wait.
            changed = self._changed
            fingerprint = self._fingerprints.get(experiment_id)
            if fingerprint is not None and fingerprint != known:
                return fingerprint
            await changed.wait()
        return None

    def count_followers(self) -> int:
        return self._followers.total()

    def close(self) -> None:
        """End every wait. Call it in the event loop."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _poll(self) -> None:
        # A limiter of its own: requests that exhaust the shared one do not delay it.
        limiter = anyio.CapacityLimiter(1)
        while self._followers and not self.closed:
            try:
                found = await anyio.to_thread.run_sync(self._read, list(self._followers), limiter=limiter)
            except SQLAlchemyError as error:
                log.warning("the database does not answer; streams wait for it: %s", error)
                found = {}
            followed = {key: fingerprint for key, fingerprint in found.items() if key in self._followers}
            if any(self._fingerprints.get(key) != fingerprint for key, fingerprint in followed.items()):
                self._fingerprints |= followed
                self._wake()
            await asyncio.sleep(self._poll_seconds if found else 1.0)

    def _read(self, experiment_ids: list[int]) -> dict[int, Fingerprint]:
        with self._readers() as session:
            return read_fingerprints(session, experiment_ids)
