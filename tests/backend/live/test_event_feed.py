"""What a stream reads: nothing is taken as told that could not be read to the end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from backend.live.event_feed import EventBatch, EventFeed
from backend.schemas.events import EpochEvent
from core.cursor import Place
from core.settings import Settings
from tests.backend.conftest import Trainer, serve

Readers = sessionmaker[Session]


@contextmanager
def losing_at(readers: Readers, number: int) -> Iterator[Callable[[], bool]]:
    """The connection is lost at this thread's ``number``-th statement; whether it came to that."""
    engine: Engine = readers.kw["bind"]
    reader, count = threading.get_ident(), 0

    def lose(*_: object) -> None:
        nonlocal count
        # The app's own threads read beside it.
        if threading.get_ident() != reader:
            return
        count += 1
        if count == number:
            raise OperationalError("", {}, Exception("the server closed the connection unexpectedly"))

    event.listen(engine, "before_cursor_execute", lose)
    try:
        yield lambda: count >= number
    finally:
        event.remove(engine, "before_cursor_execute", lose)


def read_all(feed: EventFeed) -> list[tuple[str, str, dict[str, Any]]]:
    told = []
    while True:
        news = feed.read(with_state=True)
        told += [(event.name, event.cursor, event.data.model_dump(mode="json")) for event in news.events]
        if not news.more:
            return told


@pytest.mark.parametrize("begun", [False, True], ids=["at the beginning", "later"])
def test_what_could_not_be_read_is_told_by_the_next_read(
    app: FastAPI, api: httpx.Client, spec: dict[str, Any], trainer: Trainer, begun: bool
) -> None:
    """Of a job that was rewound, has gone on since and is over, wherever among its statements a read is cut off."""
    readers: Readers = app.state.shared.readers
    made = api.post("/api/experiments", json=spec).json()
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1, 2, 3)
    places = {job: Place(2, 0)}
    feeds = [EventFeed(readers, made["id"], places, batch=True) for _ in range(30)]
    if begun:
        first = [read_all(feed) for feed in feeds]
        assert first[0][1][1] == f"{job}:3:0"
    trainer.release(job)
    trainer.claim(job, after=1)
    trainer.record(job, 2, 3, 4)
    trainer.complete(job)

    undisturbed = read_all(feeds.pop())
    assert [name for name, _, _ in undisturbed if name != "state"] == ["reset", "epoch", "epoch", "epoch", "end"]
    for number, feed in enumerate(feeds, 1):
        with losing_at(readers, number) as is_lost:
            try:
                told = read_all(feed)
            except OperationalError:
                told = []
        if not is_lost():
            assert number > 4
            return
        assert told == []
        assert read_all(feed) == undisturbed
    pytest.fail("a read that takes so many statements never came to its end")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("jobs", [1, 3])
def test_a_reader_who_is_soon_cut_off_costs_little(
    settings: Settings, sessions: Readers, spec: dict[str, Any], trainer: Trainer, jobs: int
) -> None:
    """A read brings a short piece of a long history, of the jobs by turns: who reads may be gone after one event."""
    with serve(settings, planning_slots=jobs) as api:
        made = api.post("/api/experiments", json=spec | {"epochs": 3_000}).json()
    ids = [job["id"] for job in made["jobs"]]
    assert len(ids) == jobs
    for job in ids:
        trainer.claim(job)
        trainer.record(job, *range(1, 3_001))
    feed = EventFeed(sessions, made["id"], {}, batch=False)
    news, reached, told = EventBatch([], more=True), dict.fromkeys(ids, 0), 0
    while news.more:
        news = feed.read(with_state=True)
        epochs = [event.data for event in news.events if isinstance(event.data, EpochEvent)]
        rows = sum(len(epoch.runs) for epoch in epochs)
        assert 0 < rows <= 2_000
        reached |= {epoch.job: epoch.epoch for epoch in epochs}
        assert max(reached.values()) - min(reached.values()) <= 2_000 * jobs / 6
        told += rows
    assert told == 6 * 3_000
