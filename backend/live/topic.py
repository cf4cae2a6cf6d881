"""A topic: one subject of one experiment that pages follow, with its recent updates."""

from __future__ import annotations

import secrets
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from threading import Lock
from typing import Any

import orjson
from sqlalchemy.orm import Session, sessionmaker

from backend.figures.cache import Body
from core.db.models import Experiment
from core.db.queries.runs import EPOCH_POSITION, Fingerprint, read_fingerprints

# The updates that are kept for late readers; a reader further behind is sent the whole topic.
_KEPT_UPDATES = 256
_KEPT_BYTES = 1_000_000
# Refreshing a topic takes at most a quarter of the time.
_SHARE = 4
GONE = "gone"


@dataclass(frozen=True)
class Update:
    """One step from the version ``since`` to ``version``; ``data`` is it as JSON."""

    since: str
    version: str
    data: str


@dataclass(frozen=True)
class TopicHistory:
    """A topic's version, and the updates that led to it, in order."""

    version: str
    updates: tuple[Update, ...] = ()

    def list_updates(self, since: str) -> tuple[Update, ...] | None:
        """The updates from ``since`` on; None where they are unknown, so that the whole topic must be sent."""
        if since == self.version:
            return ()
        first = next((i for i, update in enumerate(self.updates) if update.since == since), None)
        return None if first is None else self.updates[first:]


class Topic(ABC):
    """Refreshed from any thread, one at a time; ``history`` is readable without waiting.

    ``address``: its name in the stream. ``seconds``: the least time between two refreshes that
    progress alone causes; a change of state is sent at once.
    """

    seconds = 0.0

    def __init__(self, address: str, experiment_id: int, readers: sessionmaker[Session]) -> None:
        self.address = address
        self.experiment_id = experiment_id
        self.history: TopicHistory | None = None
        self.fingerprint: Fingerprint | None = None
        self.due_at = 0.0
        self._readers = readers
        # Tells its versions from those of another process, or of an earlier topic of this address.
        self._name = secrets.token_hex(4)
        self._number = 0
        self._body: Body | None = None
        self._lock = Lock()

    def is_due(self, fingerprint: Fingerprint) -> bool:
        """Whether to refresh, now that the jobs have this fingerprint."""
        if fingerprint == self.fingerprint:
            return False
        return time.monotonic() >= self.due_at or _find_states(fingerprint) != _find_states(self.fingerprint)

    def refresh(self) -> None:
        """Take over the database's present state. Raises SQLAlchemyError, and leaves the topic as it was."""
        with self._lock:
            start = time.monotonic()
            with self._readers() as session:
                fingerprint = read_fingerprints(session, [self.experiment_id])[self.experiment_id]
                if fingerprint != self.fingerprint or self.history is None:
                    self._move(session, fingerprint)
                    self.fingerprint = fingerprint
            now = time.monotonic()
            self.due_at = now + max(self.seconds, _SHARE * (now - start))

    def read_body(self) -> tuple[str, Body]:
        """The version, and the whole topic as JSON. Call ``refresh`` before."""
        with self._lock:
            assert self.history is not None
            if self._body is None:
                self._body = self._make_body(self.history.version)
            return self.history.version, self._body

    def _move(self, session: Session, fingerprint: Fingerprint) -> None:
        experiment = session.get(Experiment, self.experiment_id)
        old = self.history
        if experiment is None:
            self._body, self.history = Body(self._write_gone()), TopicHistory(GONE)
            return
        change = self._advance(session, experiment)
        version = self._name_version(experiment, fingerprint)
        self._body = None
        if change is None or old is None:
            self.history = TopicHistory(version)
            return
        message = {"topic": self.address, "since": old.version, "version": version, **change}
        update = Update(old.version, version, _write(message).decode())
        self.history = TopicHistory(version, _cut((*old.updates, update)))

    def _name_version(self, experiment: Experiment, fingerprint: Fingerprint) -> str:
        self._number += 1
        return f"{self._name}.{self._number}"

    def _write_gone(self) -> bytes:
        return _write({"topic": self.address, "version": GONE, "gone": True})

    def _make_body(self, version: str) -> Body:
        return Body(_write({"topic": self.address, "version": version, **self._describe()}))

    @abstractmethod
    def _advance(self, session: Session, experiment: Experiment) -> dict[str, Any] | None:
        """Take over what is new. The change as an update holds it; None where only the whole topic can express it."""

    @abstractmethod
    def _describe(self) -> dict[str, Any]:
        """The whole topic."""


def _write(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def _cut(updates: tuple[Update, ...]) -> tuple[Update, ...]:
    """The newest updates, as many as are kept."""
    kept, size = 0, 0
    for update in reversed(updates[-_KEPT_UPDATES:]):
        size += len(update.data)
        if kept and size > _KEPT_BYTES:
            break
        kept += 1
    return updates[len(updates) - kept :]


def _find_states(fingerprint: Fingerprint | None) -> object:
    """The fingerprint without its epochs."""
    return None if fingerprint is None else [(job[:EPOCH_POSITION], job[EPOCH_POSITION + 1 :]) for job in fingerprint]
