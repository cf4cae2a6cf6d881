"""The stream of one experiment: server-sent events, as they come."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator

import anyio
from fastapi.sse import ServerSentEvent
from sqlalchemy.exc import SQLAlchemyError

from backend.live.event_feed import EventBatch, EventFeed, FeedEvent
from backend.state import AppState
from core.cursor import Place
from core.db.queries.runs import EPOCH_MARK, Marks

log = logging.getLogger("ridgeline.stream")

# Progress and best are told at most so often; a change of state at once.
_STATE_SECONDS = 0.5
_RETRY_MILLISECONDS = 1000


async def follow_experiment(
    app_state: AppState, experiment_id: int, places: dict[int, Place], batch: bool
) -> AsyncIterator[ServerSentEvent]:
    """Events from ``places`` on, until the experiment has ended or the server stops; inside ``change_poller.follow``.

    Holds no connection to the database in between.
    """
    feed = EventFeed(app_state.readers, experiment_id, places, batch)
    known: Marks | None = None
    told: Marks | None = None
    told_at = 0.0
    while not app_state.change_poller.closed:
        known = await _wait(app_state, experiment_id, known, None if told == known else told_at + _STATE_SECONDS)
        if known is None:
            return
        due = _find_states(known) != _find_states(told) or time.monotonic() >= told_at + _STATE_SECONDS
        more = True
        while more:
            news = await _read(feed, with_state=due)
            for entry in news.entries:
                yield _write(entry)
            if news.ended:
                return
            more = news.more
        if due:
            told, told_at = known, time.monotonic()


async def _wait(app_state: AppState, experiment_id: int, known: Marks | None, until: float | None) -> Marks | None:
    """New marks; or, once ``until`` has come, the known ones: something about them is still to be told."""
    if until is None:
        return await app_state.change_poller.wait(experiment_id, known)
    with anyio.move_on_after(max(0.0, until - time.monotonic())):
        return await app_state.change_poller.wait(experiment_id, known)
    return known


def _find_states(marks: Marks | None) -> object:
    """All of the marks but the epochs."""
    return None if marks is None else [(mark[:EPOCH_MARK], mark[EPOCH_MARK + 1 :]) for mark in marks]


async def _read(feed: EventFeed, with_state: bool) -> EventBatch:
    """What is new; waits for a database that is away."""
    while True:
        try:
            return await anyio.to_thread.run_sync(feed.read, with_state)
        except SQLAlchemyError as error:
            log.warning("the database does not answer; a stream waits for it: %s", error)
            await anyio.sleep(1.0)


def _write(entry: FeedEvent) -> ServerSentEvent:
    return ServerSentEvent(
        raw_data=entry.data.model_dump_json(),
        event=entry.event,
        id=entry.cursor or None,
        retry=_RETRY_MILLISECONDS if entry.event == "state" else None,
    )
