"""The curves of an experiment as numbers, and its weights as histograms."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.parameters import After, ExperimentId, Reading, RunIds, document_errors
from backend.schemas import HistogramView, MetricName, Metrics

router = APIRouter(prefix="/api/experiments/{experiment_id}", tags=["metrics"])


@router.get("/metrics", summary="Metrics as columns, a list per metric and run", responses=document_errors(404, 422))
def read_metrics(
    experiment_id: ExperimentId,
    session: Reading,
    metric: Annotated[list[MetricName] | None, Query(description="Only these; repeat it. All by default.")] = None,
    run: RunIds = None,
    after: After = None,
    points: Annotated[
        int | None,
        Query(ge=4, le=100_000, description="At most so many epochs per run, extremes kept; default all."),
    ] = None,
) -> Metrics:
    raise NotImplementedError


@router.get("/histograms", summary="Histograms of weights over epochs", responses=document_errors(404, 422))
def list_histograms(
    experiment_id: ExperimentId,
    session: Reading,
    run: RunIds = None,
    layer: Annotated[str | None, Query(max_length=100, description="Only this layer.")] = None,
) -> list[HistogramView]:
    raise NotImplementedError
