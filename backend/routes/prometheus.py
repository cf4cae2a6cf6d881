"""The Prometheus endpoint; not in the OpenAPI description."""

from __future__ import annotations

from functools import partial

import anyio
from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import choose_encoder
from sqlalchemy.exc import SQLAlchemyError

from backend.dependencies import AppStateDep
from backend.monitoring.prometheus import InstallationCollector
from backend.state import AppState
from core.db.queries.installation_stats import InstallationStats, count_installation

router = APIRouter(include_in_schema=False)

# Prometheus itself waits for 10 seconds by default.
_SECONDS = 5.0


@router.get("/metrics")
async def expose(request: Request, app_state: AppStateDep) -> Response:
    """Works without the database too: then with this process's metrics alone."""
    stats, is_full = None, False
    broker_up = False
    with anyio.move_on_after(_SECONDS):
        broker_up = await anyio.to_thread.run_sync(app_state.job_queue.is_reachable)
        taken = await anyio.to_thread.run_sync(
            _take, app_state, abandon_on_cancel=True, limiter=app_state.process_metrics.turn
        )
        stats, is_full = taken
    encode, kind = choose_encoder(request.headers.get("accept", ""))
    text = encode(InstallationCollector(app_state.process_metrics, stats, broker_up, is_full))
    return Response(text, headers={"Content-Type": kind, "Cache-Control": "no-store"})


def _take(app_state: AppState) -> tuple[InstallationStats | None, bool]:
    try:
        is_full = app_state.disk_space.find_full(app_state.readers)
        with app_state.readers() as session:
            return count_installation(session, partial(app_state.worker_liveness.pick_alive, is_full=is_full)), is_full
    except SQLAlchemyError:
        return None, False
