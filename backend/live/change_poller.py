"""Notices that an experiment's jobs have changed: one query per turn for all streams of this process."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from core.db.queries.runs import Marks, list_marks

log = logging.getLogger("ridgeline.watch")


class ChangePoller:
    """Polls only while somebody follows, and holds no connection between two turns. Lives in one event loop."""

    def __init__(self, readers: sessionmaker[Session], poll_seconds: float) -> None:
        self._readers = readers
        self._poll_seconds = poll_seconds
        self._followers: Counter[int] = Counter()
        self._marks: dict[int, Marks] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.closed = False

    @asynccontextmanager
    async def follow(self, experiment_id: int) -> AsyncIterator[None]:
        """While inside, ``wait`` answers for this experiment."""
        self._followers[experiment_id] += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._poll())
        try:
            yield
        finally:
            self._followers[experiment_id] -= 1
            if not self._followers[experiment_id]:
                del self._followers[experiment_id]
                self._marks.pop(experiment_id, None)

    async def wait(self, experiment_id: int, known: Marks | None) -> Marks | None:
        """What its jobs look like, once that differs from ``known``; None once this is closed."""
        while not self.closed:
            # The event first: a change that comes between is then not slept through.
            changed = self._changed
            marks = self._marks.get(experiment_id)
            if marks is not None and marks != known:
                return marks
            await changed.wait()
        return None

    def count_followers(self) -> int:
        return self._followers.total()

    def close(self) -> None:
        """End every wait. To be called in the event loop."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _poll(self) -> None:
        # A limiter of its own: requests that fill the common one do not delay it.
        limiter = anyio.CapacityLimiter(1)
        while self._followers and not self.closed:
            try:
                found = await anyio.to_thread.run_sync(self._read, list(self._followers), limiter=limiter)
            except SQLAlchemyError as error:
                log.warning("the database does not answer; streams wait for it: %s", error)
                found = {}
            news = {key: marks for key, marks in found.items() if key in self._followers}
            if any(self._marks.get(key) != marks for key, marks in news.items()):
                self._marks |= news
                self._wake()
            await asyncio.sleep(self._poll_seconds if found else 1.0)

    def _read(self, experiment_ids: list[int]) -> dict[int, Marks]:
        with self._readers() as session:
            return list_marks(session, experiment_ids)
