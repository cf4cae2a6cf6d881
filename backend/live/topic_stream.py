"""The server-sent events of one browser's topics."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import anyio
from fastapi.sse import ServerSentEvent

from backend.live.topic import Topic
from backend.state import AppState


async def stream_topics(app_state: AppState, wanted: Sequence[tuple[Topic, str]]) -> AsyncIterator[ServerSentEvent]:
    """Every update of these topics from the given versions on, and a heartbeat in every silence.

    Holds no database connection in between, and buffers nothing for a slow reader.
    """
    seconds = app_state.settings.stream_heartbeat_seconds
    heartbeat = ServerSentEvent(raw_data=f'{{"seconds":{seconds:g}}}', event="heartbeat")
    yield heartbeat
    async with app_state.broadcaster.follow(wanted) as subscription:
        while not app_state.change_poller.closed:
            for data in await subscription.collect():
                yield ServerSentEvent(raw_data=data, event="update")
            with anyio.move_on_after(seconds) as silence:
                await subscription.woken.wait()
            if silence.cancelled_caught:
                yield heartbeat
