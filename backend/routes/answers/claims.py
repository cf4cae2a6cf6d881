"""The textbook's claims about an experiment."""

from __future__ import annotations

from fastapi import APIRouter

from backend.dependencies import ExperimentId, ReadSession
from backend.experiments.claims import read_claims
from backend.openapi.error_responses import document_errors
from core.analysis.claims.verdicts import Claims

router = APIRouter(prefix="/api/experiments/{experiment_id}", tags=["experiments"])


@router.get("/claims", summary="What the textbook says, measured", responses=document_errors(404, 422))
def get_claims(experiment_id: ExperimentId, session: ReadSession) -> Claims:
    """Per regularizer and claim a number of each run, and whether it goes with the strength: Page's trend test over
    the strengths, the baseline first, with seeds as blocks; adjusted by Holm over all of them.

    While runs train these are the verdicts so far; see `missing`.
    """
    return read_claims(session, experiment_id)
