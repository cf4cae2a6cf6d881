"""What Prometheus scrapes. No part of the API that the page and programs use, so its description leaves it out."""

from __future__ import annotations

from functools import partial

import anyio
from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import choose_encoder
from sqlalchemy.exc import SQLAlchemyError

from backend.dependencies import Part
from backend.monitoring.prometheus import Scrape
from backend.state import Parts
from core.db.queries.installation_stats import Census, take_census

router = APIRouter(include_in_schema=False)

# Prometheus itself waits for 10 seconds by default.
_SECONDS = 5.0


@router.get("/metrics")
async def expose(request: Request, parts: Part) -> Response:
    """Answers while the database is away too: it says so, and tells what this process knows."""
    census, is_full = None, False
    broker_up = False
    with anyio.move_on_after(_SECONDS):
        broker_up = await anyio.to_thread.run_sync(parts.bell.is_reachable)
        taken = await anyio.to_thread.run_sync(_take, parts, abandon_on_cancel=True, limiter=parts.exposition.turn)
        census, is_full = taken
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    text = encode(Scrape(parts.exposition, census, broker_up, is_full))
    return Response(text, headers={"Content-Type": kind, "Cache-Control": "no-store"})


def _take(parts: Parts) -> tuple[Census | None, bool]:
    try:
        is_full = parts.room.find_full(parts.readers)
        with parts.readers() as session:
            return take_census(session, partial(parts.liveness.pick_alive, is_full=is_full)), is_full
    except SQLAlchemyError:
        return None, False
