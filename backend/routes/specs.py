"""Specs as a person writes them: read, judged, and handed back as the API takes them."""

from __future__ import annotations

from fastapi import APIRouter

from backend.dependencies import BODY_ERRORS, AppStateDep, ReadSession, TakesJson, document_errors
from backend.experiments.spec_parser import SpecReading, SpecText, read_spec

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
