"""The answer of an experiment, and the table per strength beside it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.dependencies import ExperimentId, ReadSession
from backend.experiments.answer import read_answer
from backend.experiments.strengths import read_strengths
from backend.openapi.error_responses import document_errors
from core.analysis.selection import Metric
from core.analysis.strengths.table import StrengthTable
from core.analysis.verdict import Answer

router = APIRouter(prefix="/api/experiments/{experiment_id}", tags=["experiments"])


@router.get(
    "/answer", summary="Which regularizer is better, and at which strength", responses=document_errors(404, 422)
)
def get_answer(
    experiment_id: ExperimentId,
    session: ReadSession,
    metric: Annotated[
        Metric, Query(description="What chooses the strength on validation and is compared on test.")
    ] = "score",
) -> Answer:
    """Strengths are chosen on validation, and compared with the baseline on test, which chose nothing.

    While runs train it is the answer so far; see `missing`.
    """
    return read_answer(session, experiment_id, metric)


@router.get("/strengths", summary="Each strength in numbers, with intervals", responses=document_errors(404, 422))
def get_strengths(
    experiment_id: ExperimentId,
    session: ReadSession,
    metric: Annotated[Metric, Query(description="Of the differences from the baseline.")] = "score",
) -> StrengthTable:
    """On validation. Intervals are per strength, not adjusted for their number: they describe, and judge nothing."""
    return read_strengths(session, experiment_id, metric)
