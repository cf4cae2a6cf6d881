"""Workers, queue, versions; health and readiness."""

from __future__ import annotations

from fastapi import APIRouter

from backend.dependencies import AppStateDep, ReadSession
from backend.monitoring.status import check_database, check_room, describe_system
from backend.openapi.error_responses import document_errors
from backend.schemas.system import Health, Ready, System

router = APIRouter(prefix="/api", tags=["system"])


@router.get("/system", summary="Workers, devices, queue and versions")
def read_system(session: ReadSession, app_state: AppStateDep) -> System:
    return describe_system(session, app_state)


@router.get("/health", summary="Whether the process answers")
def check_health() -> Health:
    return Health()


@router.get(
    "/ready",
    summary="Whether the database answers with the newest schema and has room",
    responses=document_errors(503),
)
def check_ready(app_state: AppStateDep) -> Ready:
    """A broker that is away does not make this fail: jobs then wait in the database, and none is lost."""
    revision = check_database(app_state.engine)
    check_room(app_state)
    return Ready(revision=revision, broker_reachable=app_state.job_queue.is_reachable())
