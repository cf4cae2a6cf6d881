"""The server-sent events of one experiment."""

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
from core.db.queries.runs import EPOCH_POSITION, Fingerprint

log = logging.getLogger("ridgeline.experiment_stream")

# The least time between two state events that progress alone causes; a change of state is sent at once.
_STATE_SECONDS = 0.5
_RETRY_MILLISECONDS = 1000


async def follow_experiment(
    app_state: AppState, experiment_id: int, places: dict[int, Place], batch: bool
) -> AsyncIterator[ServerSentEvent]:
    """Events from ``places`` on, until the experiment has ended or the server stops; inside ``change_poller.follow``.

    Holds no database connection in between.
    """
    feed = EventFeed(app_state.readers, experiment_id, places, batch)
    known: Fingerprint | None = None
    sent_fingerprint: Fingerprint | None = None
    sent_at = 0.0
    while not app_state.change_poller.closed:
        known = await _wait(
            app_state, experiment_id, known, None if sent_fingerprint == known else sent_at + _STATE_SECONDS
        )
        if known is None:
            return
        due = _find_states(known) != _find_states(sent_fingerprint) or time.monotonic() >= sent_at + _STATE_SECONDS
        more = True
        while more:
            event_batch = await _read(feed, with_state=due)
            for event in event_batch.events:
                yield _write(event)
            if event_batch.ended:
                return
            more = event_batch.more
        if due:
            sent_fingerprint, sent_at = known, time.monotonic()


async def _wait(
    app_state: AppState, experiment_id: int, known: Fingerprint | None, until: float | None
) -> Fingerprint | None:
    """A new fingerprint; or at the time ``until`` the known one, whose state is still to be sent."""
    if until is None:
        return await app_state.change_poller.wait(experiment_id, known)
    with anyio.move_on_after(max(0.0, until - time.monotonic())):
        return await app_state.change_poller.wait(experiment_id, known)
    return known


def _find_states(fingerprint: Fingerprint | None) -> object:
    """The fingerprint without its epochs."""
    return None if fingerprint is None else [(job[:EPOCH_POSITION], job[EPOCH_POSITION + 1 :]) for job in fingerprint]


async def _read(feed: EventFeed, with_state: bool) -> EventBatch:
    """The next events; waits for an unavailable database."""
    while True:
        try:
            return await anyio.to_thread.run_sync(feed.read, with_state)
        except SQLAlchemyError as error:
            log.warning("the database does not answer; a stream waits for it: %s", error)
            await anyio.sleep(1.0)


def _write(event: FeedEvent) -> ServerSentEvent:
    return ServerSentEvent(
        raw_data=event.data.model_dump_json(),
        event=event.name,
        id=event.cursor or None,
        retry=_RETRY_MILLISECONDS if event.name == "state" else None,
    )
