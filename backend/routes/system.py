"""Workers, queue, versions; health and readiness."""

from __future__ import annotations

from fastapi import APIRouter

from backend.dependencies import AppStateDep, ReadSession
from backend.monitoring.status import check_database, check_disk_space, describe_system
from backend.openapi.error_responses import document_errors
from backend.schemas.system import Health, Ready, System

router = APIRouter(prefix="/api", tags=["system"])


@router.get("/system", summary="Workers, devices, queue and versions")
def read_system(session: ReadSession, app_state: AppStateDep) -> System:
    return describe_system(session, app_state)


@router.get("/health", summary="Liveness of the process")
def check_health() -> Health:
    return Health()


@router.get(
    "/ready",
    summary="Readiness: database available, schema current, disk not full",
    responses=document_errors(503),
)
def check_ready(app_state: AppStateDep) -> Ready:
    """Does not depend on the broker: without it jobs wait in the database."""
    revision = check_database(app_state.engine)
    check_disk_space(app_state)
    return Ready(revision=revision, broker_reachable=app_state.job_queue.is_reachable())
