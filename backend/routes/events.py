"""Live updates of one experiment, for scripts and the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from backend.dependencies import After, AppStateDep, ExperimentId
from backend.live.experiment_stream import follow_experiment
from backend.middleware.client_address import get_client_address
from backend.openapi.error_responses import document_errors
from core.cursor import Place, parse_cursor
from core.db.queries import experiments

router = APIRouter(prefix="/api/experiments/{experiment_id}", tags=["metrics"])


def find_places(
    experiment_id: ExperimentId,
    app_state: AppStateDep,
    after: After = None,
    last_event_id: Annotated[
        str | None, Header(max_length=20_000, description="A cursor; takes precedence over `after`.")
    ] = None,
) -> dict[int, Place]:
    """The client's position; rejects an invalid cursor while an error response is still possible."""
    with app_state.readers() as session:
        experiments.get(session, experiment_id)
    if last_event_id:
        return parse_cursor(last_event_id, "Last-Event-ID")
    return parse_cursor(after)


async def follow(request: Request, experiment_id: ExperimentId, app_state: AppStateDep) -> AsyncIterator[None]:
    """Count and follow until the response ends."""
    with app_state.stream_limit.admit(get_client_address(request)):
        async with app_state.change_poller.follow(experiment_id):
            yield


@router.get(
    "/events",
    summary="Live updates of one experiment, as server-sent events",
    response_class=EventSourceResponse,
    dependencies=[Depends(follow)],
    responses=document_errors(404, 422),
)
async def stream_events(
    experiment_id: ExperimentId,
    app_state: AppStateDep,
    places: Annotated[dict[int, Place], Depends(find_places)],
    batch: Annotated[bool, Query(description="Include minibatch losses in epochs.")] = False,
) -> AsyncIterator[ServerSentEvent]:
    """`state` (StateEvent): first, on every change of state, and twice a second during progress.
    `epoch` (EpochEvent): every epoch newer than the cursor. `reset` (ResetEvent): a job resumes from an earlier epoch.
    `end` (EndEvent): the last event. An event's id is the cursor to reconnect with."""
    async for event in follow_experiment(app_state, experiment_id, places, batch):
        yield event
