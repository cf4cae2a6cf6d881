"""Live updates of the topics that open pages show, in one stream per browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from backend.dependencies import AppStateDep
from backend.live.topic import Topic
from backend.live.topic_addresses import find_topic
from backend.live.topic_stream import stream_topics
from backend.middleware.client_address import get_client_address
from backend.openapi.error_responses import document_errors

router = APIRouter(prefix="/api", tags=["live"])

# Escaped, each character may become three; a request's head is bounded.
_MOST_CHARACTERS = 20_000


def find_wanted(
    app_state: AppStateDep,
    topics: Annotated[
        str,
        Query(
            min_length=1,
            max_length=_MOST_CHARACTERS,
            pattern=r"^[\x20-\x7e]+$",
            description="Separated by spaces: `ID/state`, `ID/runs`, or the `topic` of a figure set; after `#`, the "
            "version that the client has, if any.",
            examples=["12/state 12/curves#3f2a90c1.17"],
        ),
    ],
) -> list[tuple[Topic, str]]:
    """The topics; rejects invalid ones while an error response is still possible."""
    wanted = dict(find_topic(app_state, text) for text in topics.split(" "))
    for own, version in wanted.items():
        own.refresh()
        if own.history is not None and own.history.list_updates(version) is None:
            # Read now, so that what cannot be drawn is an error response; the stream finds it ready.
            own.read_body()
    return list(wanted.items())


async def admit(request: Request, app_state: AppStateDep) -> AsyncIterator[None]:
    """Count the stream as open until the response ends."""
    with app_state.stream_limit.admit(get_client_address(request)):
        yield


@router.get(
    "/live",
    summary="Live updates of topics, as server-sent events",
    response_class=EventSourceResponse,
    dependencies=[Depends(admit)],
    responses=document_errors(422),
)
async def stream_live(
    app_state: AppStateDep, wanted: Annotated[list[tuple[Topic, str]], Depends(find_wanted)]
) -> AsyncIterator[ServerSentEvent]:
    """`update` (LiveUpdate): a topic has a new version. With `since`, the change from that version on; without, the
    whole topic. `heartbeat`: sent after so many seconds without an update; when two are missing, the connection is
    lost. A client that reconnects names the versions that it has."""
    async for event in stream_topics(app_state, wanted):
        yield event
