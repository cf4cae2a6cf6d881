"""Specs as a person writes them: read, judged, and handed back as the API takes them."""

from __future__ import annotations

from fastapi import APIRouter

from backend.dependencies import AppStateDep, ReadSession, TakesJson
from backend.experiments.spec_parser import read_spec
from backend.openapi.error_responses import BODY_ERRORS, document_errors
from backend.schemas.specs import SpecReading, SpecText

router = APIRouter(prefix="/api", tags=["catalogue"])


@router.post(
    "/spec",
    summary="Read a spec that is written in JSON or YAML, without making it",
    dependencies=[TakesJson],
    responses=document_errors(*BODY_ERRORS),
)
def read_written_spec(written: SpecText, session: ReadSession, app_state: AppStateDep) -> SpecReading:
    """The spec with all its defaults, and what it would make. What is wrong comes with its line and column."""
    return read_spec(session, app_state, written.text)
