"""Specs as text: parsed and validated."""

from __future__ import annotations

from fastapi import APIRouter

from backend.dependencies import AppStateDep, ReadSession, TakesJson
from backend.experiments.spec_text.spec_reader import read_spec
from backend.openapi.error_responses import BODY_ERRORS, document_errors
from backend.schemas.specs import SpecReading, SpecText

router = APIRouter(prefix="/api", tags=["catalogue"])


@router.post(
    "/spec",
    summary="Parse and validate a spec in JSON or YAML",
    dependencies=[TakesJson],
    responses=document_errors(*BODY_ERRORS),
)
def read_written_spec(written: SpecText, session: ReadSession, app_state: AppStateDep) -> SpecReading:
    """The spec with all its defaults, and its plan. Errors carry line and column."""
    return read_spec(session, app_state, written.text)
