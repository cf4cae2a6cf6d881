"""Coefficients of linear networks, as paths over the strengths."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.dependencies import ExperimentId, Line, ReadSession
from backend.experiments import coefficients
from backend.openapi.error_responses import document_errors
from backend.schemas.coefficients import Coefficients

router = APIRouter(prefix="/api/experiments/{experiment_id}", tags=["metrics"])


@router.get(
    "/coefficients", summary="Coefficients of linear networks over strengths", responses=document_errors(404, 422)
)
def read_coefficients(
    experiment_id: ExperimentId,
    session: ReadSession,
    regularizer: Annotated[
        Annotated[str, Line] | None, Query(max_length=100, description="Only this regularizer's key.", examples=["l1"])
    ] = None,
    seed: Annotated[int | None, Query(ge=0, lt=2**31, description="Only this seed.")] = None,
) -> Coefficients:
    """Only of runs that have ended; other networks have none. A response that would be too large is an error."""
    return coefficients.read_coefficients(session, experiment_id, regularizer, seed)
