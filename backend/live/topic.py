"""A topic: something about one experiment that pages look at, and how it has changed."""

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
from core.db.queries.runs import EPOCH_MARK, Marks, list_marks

# So much of what has changed is kept for those who are a little behind; who is further behind is told everything.
_KEPT_UPDATES = 256
_KEPT_BYTES = 1_000_000
# Reading and writing a topic takes at most the fourth part of the time.
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
    """A topic's version, and the steps that led to it, the last one last."""

    version: str
    updates: tuple[Update, ...] = ()

    def list_updates(self, since: str) -> tuple[Update, ...] | None:
        """The steps from ``since`` on; None where they are not known, so that everything has to be told."""
        if since == self.version:
            return ()
        first = next((i for i, update in enumerate(self.updates) if update.since == since), None)
        return None if first is None else self.updates[first:]


class Topic(ABC):
    """Refreshed from any thread, one at a time; its ``standing`` may be looked at without waiting.

    ``address`` names it, in the stream and everywhere. ``seconds``: the least time between two refreshments that
    progress alone asks for; a change of state is told at once.
    """

    seconds = 0.0

    def __init__(self, address: str, experiment_id: int, readers: sessionmaker[Session]) -> None:
        self.address = address
        self.experiment_id = experiment_id
        self.standing: TopicHistory | None = None
        self.marks: Marks | None = None
        self.due_at = 0.0
        self._readers = readers
        # Versions of another process, or of this topic's predecessor, are not its own.
        self._name = secrets.token_hex(4)
        self._number = 0
        self._body: Body | None = None
        self._lock = Lock()

    def is_due(self, marks: Marks) -> bool:
        """Whether it shall be refreshed now that the jobs have these marks."""
        if marks == self.marks:
            return False
        return time.monotonic() >= self.due_at or _find_states(marks) != _find_states(self.marks)

    def refresh(self) -> None:
        """Take over what the database has now. Raises SQLAlchemyError; the topic is then as it was."""
        with self._lock:
            start = time.monotonic()
            with self._readers() as session:
                marks = list_marks(session, [self.experiment_id])[self.experiment_id]
                if marks != self.marks or self.standing is None:
                    self._move(session, marks)
                    self.marks = marks
            now = time.monotonic()
            self.due_at = now + max(self.seconds, _SHARE * (now - start))

    def read_body(self) -> tuple[str, Body]:
        """The version, and all of the topic as JSON. To be refreshed before."""
        with self._lock:
            assert self.standing is not None
            if self._body is None:
                self._body = self._make_body(self.standing.version)
            return self.standing.version, self._body

    def _move(self, session: Session, marks: Marks) -> None:
        experiment = session.get(Experiment, self.experiment_id)
        old = self.standing
        if experiment is None:
            self._body, self.standing = Body(self._write_gone()), TopicHistory(GONE)
            return
        change = self._advance(session, experiment)
        version = self._name_version(experiment, marks)
        self._body = None
        if change is None or old is None:
            self.standing = TopicHistory(version)
            return
        told = {"topic": self.address, "since": old.version, "version": version, **change}
        update = Update(old.version, version, _write(told).decode())
        self.standing = TopicHistory(version, _cut((*old.updates, update)))

    def _name_version(self, experiment: Experiment, marks: Marks) -> str:
        self._number += 1
        return f"{self._name}.{self._number}"

    def _write_gone(self) -> bytes:
        return _write({"topic": self.address, "version": GONE, "gone": True})

    def _make_body(self, version: str) -> Body:
        return Body(_write({"topic": self.address, "version": version, **self._describe()}))

    @abstractmethod
    def _advance(self, session: Session, experiment: Experiment) -> dict[str, Any] | None:
        """Take over what is new; what has changed, or None where that is told by everything."""

    @abstractmethod
    def _describe(self) -> dict[str, Any]:
        """All of it."""


def _write(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def _cut(updates: tuple[Update, ...]) -> tuple[Update, ...]:
    """The last of them, as far as they are kept."""
    kept, size = 0, 0
    for update in reversed(updates[-_KEPT_UPDATES:]):
        size += len(update.data)
        if kept and size > _KEPT_BYTES:
            break
        kept += 1
    return updates[len(updates) - kept :]


def _find_states(marks: Marks | None) -> object:
    """All of the marks but the epochs."""
    return None if marks is None else [(mark[:EPOCH_MARK], mark[EPOCH_MARK + 1 :]) for mark in marks]
