"""Live updates of one experiment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from backend.parameters import After, ExperimentId, Part, document_errors

router = APIRouter(prefix="/api/experiments/{experiment_id}", tags=["metrics"])


@router.get(
    "/events",
    summary="Live updates, as server-sent events",
    response_class=EventSourceResponse,
    responses=document_errors(404, 422),
)
async def stream_events(
    experiment_id: ExperimentId,
    parts: Part,
    after: After = None,
    batch: Annotated[bool, Query(description="Whether epochs carry their minibatch losses.")] = False,
    last_event_id: Annotated[str | None, Header(max_length=20_000, description="A cursor; wins over `after`.")] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Events: `state` (StateEvent, at once and on every change), `epoch` (EpochEvent, what is newer than the cursor),
    `reset` (ResetEvent, a job starts again), `end` (EndEvent, the last). The id of an event is the cursor after it."""
    raise NotImplementedError
    yield ServerSentEvent()
