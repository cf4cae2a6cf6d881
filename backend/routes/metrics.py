"""Metrics of runs and of their layers, and histograms of their weights."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from backend.dependencies import After, ExperimentId, Line, ReadSession, RunIds
from backend.experiments import metrics
from backend.openapi.error_responses import document_errors
from backend.schemas.histograms import HistogramView
from backend.schemas.metrics import LayerColumns, MetricName, Metrics
from core.catalogue.metrics import METRIC_NAMES
from core.db.queries import experiments
from core.db.queries.histograms import list_histograms as read_histograms
from core.db.queries.histograms import read_counts

router = APIRouter(prefix="/api/experiments/{experiment_id}", tags=["metrics"])


@router.get("/metrics", summary="Metrics over epochs, a list per metric and run", responses=document_errors(404, 422))
def read_metrics(
    experiment_id: ExperimentId,
    session: ReadSession,
    metric: Annotated[
        list[MetricName] | None, Query(max_length=100, description="Only these; repeatable. Default: all.")
    ] = None,
    run: RunIds = None,
    after: After = None,
    points: Annotated[
        int | None,
        Query(
            ge=4,
            le=100_000,
            description="Downsample to about so many epochs per run, keeping extremes. Default: all.",
        ),
    ] = None,
) -> Metrics:
    return metrics.read_metrics(
        session,
        experiment_id,
        metrics=list(dict.fromkeys(metric or METRIC_NAMES)),
        run_ids=run,
        after=after,
        points=points,
    )


@router.get("/histograms", summary="Histograms of weights over epochs", responses=document_errors(404, 422))
def list_histograms(
    experiment_id: ExperimentId,
    session: ReadSession,
    run: RunIds = None,
    layer: Annotated[Annotated[str, Line] | None, Query(max_length=100, description="Only this layer.")] = None,
) -> list[HistogramView]:
    experiments.get(session, experiment_id)
    found = read_histograms(session, experiment_id, run_ids=run, layer=layer)
    return [
        HistogramView(
            run=row.run_id, epoch=row.epoch, layer=row.layer, low=row.low, high=row.high, counts=read_counts(row)
        )
        for row in found
    ]


@router.get("/layers", summary="Norm, zeros and dead units of layers over epochs", responses=document_errors(404, 422))
def list_layers(
    experiment_id: ExperimentId,
    session: ReadSession,
    run: RunIds = None,
    layer: Annotated[Annotated[str, Line] | None, Query(max_length=100, description="Only this layer.")] = None,
) -> list[LayerColumns]:
    """From epoch 0 on. Runs that were trained before these were recorded have none."""
    return metrics.read_layers(session, experiment_id, run, layer)
