"""Experiments beside one another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.dependencies import MAX_ID, ReadSession
from backend.experiments.comparison.experiments import MOST
from backend.experiments.comparison.figures import draw_figures
from backend.experiments.comparison.verdicts import compare_experiments
from backend.openapi.error_responses import document_errors
from backend.schemas.experiments import Comparison
from backend.schemas.figures import ComparisonFigures
from core.analysis.selection import Metric

router = APIRouter(prefix="/api/comparison", tags=["comparison"])

Experiments = Annotated[
    list[Annotated[int, Query(ge=1, le=MAX_ID)]],
    Query(
        # More than can be compared, so that the error says how many can.
        max_length=200,
        description=f"Ids of two to {MOST} experiments; repeatable. The others are compared with the first.",
        examples=[[1, 2]],
    ),
]


@router.get("", summary="Compare experiments on test, and their specs", responses=document_errors(404, 422))
def get_comparison(
    session: ReadSession,
    experiment: Experiments = [],  # noqa: B006  # FastAPI copies it
    metric: Annotated[
        Metric, Query(description="What chooses the strengths on validation and is compared on test.")
    ] = "score",
) -> Comparison:
    """Runs are paired by seed and test example where the experiments have the same data, split and label noise.

    Where they do not, each mean has an interval of its own, and `unpaired_because` says why. An id that is repeated
    counts once.
    """
    return compare_experiments(session, experiment, metric)


@router.get("/figures", summary="Joint charts over the strength, as Plotly JSON", responses=document_errors(404, 422))
def get_comparison_figures(
    session: ReadSession,
    experiment: Experiments = [],  # noqa: B006  # FastAPI copies it
) -> ComparisonFigures:
    """A chart per regularizer and metric with a line per experiment, told apart by dash and symbol."""
    return draw_figures(session, experiment)
