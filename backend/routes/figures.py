"""Charts of an experiment, as plotly.js takes them."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from backend.parameters import ExperimentId, Reading, document_errors
from backend.schemas import FigureSet

router = APIRouter(prefix="/api/experiments/{experiment_id}", tags=["figures"])

FigureName = Literal["curves", "weights", "batches", "strength"]


@router.get("/figures/{figure}", summary="A set of charts", responses=document_errors(404, 422))
def read_figure(
    experiment_id: ExperimentId,
    figure: Annotated[FigureName, Path(description="Which set.")],
    session: Reading,
    regularizer: Annotated[
        list[str] | None, Query(max_length=33, description="Keys, a column each; repeat it. All by default.")
    ] = None,
    x: Annotated[Literal["epoch", "seconds"], Query(description="The horizontal axis.")] = "epoch",
    smoothing: Annotated[float, Query(ge=0, lt=1, description="Of the moving average; 0 draws the raw line.")] = 0.0,
    seeds: Annotated[Literal["mean", "all"], Query(description="Mean and band, or every seed's line.")] = "mean",
    points: Annotated[int, Query(ge=4, le=10_000, description="At most so many points per line.")] = 300,
) -> FigureSet:
    raise NotImplementedError
