"""Experiments: create, list, read, annotate, cancel, delete; and the runs of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Response

from backend.examples import EXPERIMENT_EXAMPLES
from backend.parameters import ExperimentId, IdempotencyKey, Part, Reading, Writing, document_errors
from backend.schemas import ExperimentChange, ExperimentView, Page, RunView
from core.db.states import State
from core.spec import ExperimentSpec

router = APIRouter(prefix="/api/experiments", tags=["experiments"])


@router.post(
    "",
    summary="Start an experiment",
    status_code=201,
    responses={
        200: {"model": ExperimentView, "description": "The same key and spec as before: the experiment they made."},
        **document_errors(409, 413, 415, 422),
    },
)
def create_experiment(
    spec: Annotated[ExperimentSpec, Body(openapi_examples=EXPERIMENT_EXAMPLES)],
    parts: Part,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ExperimentView:
    """Writes the experiment, its runs and its jobs in one transaction, then rings the workers."""
    raise NotImplementedError


@router.get("", summary="List experiments, the newest first", responses=document_errors(422))
def list_experiments(
    session: Reading,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="How many to pass over.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
    text: Annotated[str, Query(max_length=200, description="Only those with this text in name or notes.")] = "",
    tag: Annotated[str | None, Query(max_length=50, description="Only those with this tag.")] = None,
) -> Page:
    raise NotImplementedError


@router.get("/{experiment_id}", summary="Read an experiment", responses=document_errors(404, 422))
def read_experiment(experiment_id: ExperimentId, session: Reading) -> ExperimentView:
    raise NotImplementedError


@router.patch(
    "/{experiment_id}",
    summary="Rename an experiment, or change its notes or tags",
    responses=document_errors(404, 413, 415, 422),
)
def annotate_experiment(experiment_id: ExperimentId, change: ExperimentChange, session: Writing) -> ExperimentView:
    raise NotImplementedError


@router.delete(
    "/{experiment_id}",
    summary="Delete an experiment with all its rows",
    status_code=204,
    responses=document_errors(404, 409, 422),
)
def delete_experiment(experiment_id: ExperimentId, session: Writing) -> None:
    """One that runs is refused with 409: cancel it first."""
    raise NotImplementedError


@router.post("/{experiment_id}/cancel", summary="Cancel an experiment", responses=document_errors(404, 422))
def cancel_experiment(experiment_id: ExperimentId, session: Writing) -> ExperimentView:
    """Queued jobs are cancelled at once, running ones within seconds; rows are kept. Twice is as good as once."""
    raise NotImplementedError


@router.get("/{experiment_id}/runs", summary="The runs of an experiment", responses=document_errors(404, 422))
def list_runs(experiment_id: ExperimentId, session: Reading) -> list[RunView]:
    raise NotImplementedError
