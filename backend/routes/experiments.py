"""Experiments: create, list, read, annotate, cancel, retry, resume, extend, delete; and their runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Header, Query, Response
from fastapi.responses import FileResponse

from backend.dependencies import (
    AppStateDep,
    ExperimentId,
    IdempotencyKey,
    Line,
    ReadSession,
    RunId,
    TakesJson,
    WriteSession,
)
from backend.experiments.etags.page_etag import compute_page_etag, matches_etag
from backend.experiments.etags.version_etag import IfMatchVersions, format_version_etag
from backend.experiments.serializers import summarize_experiments, view_experiment, view_run
from backend.experiments.submission import extend, requeue, submit
from backend.experiments.weights import find_weights
from backend.openapi.error_responses import BODY_ERRORS, document_errors
from backend.openapi.examples import EXPERIMENT_EXAMPLES
from backend.schemas.annotations import ExperimentChange
from backend.schemas.experiments import ExperimentView, Page
from backend.schemas.runs import RunView
from backend.state import AppState
from core.db.queries import experiments, jobs, runs
from core.db.states import State
from core.spec import ExperimentSpec, Extension

router = APIRouter(prefix="/api/experiments", tags=["experiments"])


@router.post(
    "",
    summary="Start an experiment",
    status_code=201,
    dependencies=[TakesJson],
    responses={
        200: {
            "model": ExperimentView,
            "description": "Idempotency-Key and spec were sent before: the experiment they created",
        },
        **document_errors(409, *BODY_ERRORS),
    },
)
def create_experiment(
    spec: Annotated[ExperimentSpec, Body(openapi_examples=EXPERIMENT_EXAMPLES)],
    app_state: AppStateDep,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ExperimentView:
    """Writes the experiment, its runs and its jobs in one transaction, then announces the jobs to the workers."""
    experiment_id, new = submit(app_state, spec, idempotency_key)
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/api/experiments/{experiment_id}"
    return _tag(response, _view(app_state, experiment_id))


@router.get(
    "",
    summary="List experiments, newest first",
    response_model=Page,
    responses={304: {"description": "Not modified since the `ETag` in `If-None-Match`"}, **document_errors(422)},
)
def list_experiments(
    session: ReadSession,
    response: Response,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="How many to skip.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at most.")] = 50,
    state: Annotated[State | None, Query(description="Filter by state.")] = None,
    text: Annotated[
        str,
        Query(max_length=200, description="Filter by a text in name, notes or tags; case-insensitive."),
        Line,
    ] = "",
    tag: Annotated[Annotated[str, Line] | None, Query(max_length=50, description="Filter by tag.")] = None,
    if_none_match: Annotated[
        str | None, Header(max_length=1000, description="The `ETag` of an earlier response to the same request.")
    ] = None,
) -> Page | Response:
    """Send `If-None-Match` to poll cheaply: the `ETag` stays the same until something on the page changes."""
    found, total = experiments.list_page(session, offset=offset, limit=limit, state=state, text=text, tag=tag)
    etag = compute_page_etag(session, found, total)
    if matches_etag(etag, if_none_match):
        return Response(status_code=304, headers={"ETag": etag})
    response.headers["ETag"] = etag
    return Page(items=summarize_experiments(session, found), total=total, offset=offset, limit=limit)


@router.get("/{experiment_id}", summary="Read an experiment", responses=document_errors(404, 422))
def read_experiment(experiment_id: ExperimentId, session: ReadSession, response: Response) -> ExperimentView:
    """The `ETag`, for `If-Match`, is the version of name, notes and tags; training does not change it."""
    return _tag(response, view_experiment(session, experiment_id))


@router.patch(
    "/{experiment_id}",
    summary="Rename an experiment, or change its notes or tags",
    dependencies=[TakesJson],
    responses=document_errors(404, 412, *BODY_ERRORS),
)
def annotate_experiment(
    experiment_id: ExperimentId,
    change: ExperimentChange,
    versions: IfMatchVersions,
    session: WriteSession,
    response: Response,
) -> ExperimentView:
    """With `If-Match`, fails if the experiment was changed meanwhile, except where it is as requested already."""
    experiments.annotate(
        session, experiment_id, name=change.name, notes=change.notes, tags=change.tags, versions=versions
    )
    return _tag(response, view_experiment(session, experiment_id))


@router.delete(
    "/{experiment_id}",
    summary="Delete an experiment with all its rows",
    status_code=204,
    responses=document_errors(404, 409, 412, 422),
)
def delete_experiment(experiment_id: ExperimentId, versions: IfMatchVersions, session: WriteSession) -> None:
    """Cancel a running experiment first. With `If-Match`, fails if it was changed meanwhile."""
    experiments.delete(session, experiment_id, versions=versions)


@router.post("/{experiment_id}/cancel", summary="Cancel an experiment", responses=document_errors(404, 422))
def cancel_experiment(experiment_id: ExperimentId, session: WriteSession) -> ExperimentView:
    """Queued jobs are cancelled at once, running ones within seconds; recorded rows are kept. Idempotent."""
    jobs.request_cancel(session, experiment_id)
    return view_experiment(session, experiment_id)


@router.post("/{experiment_id}/retry", summary="Retry failed jobs", responses=document_errors(404, 409, 422))
def retry_experiment(experiment_id: ExperimentId, app_state: AppStateDep) -> ExperimentView:
    """Failed jobs are queued again; each continues from its last checkpoint, or starts over without one."""
    requeue(app_state, experiment_id, State.FAILED)
    return _view(app_state, experiment_id)


@router.post("/{experiment_id}/resume", summary="Resume cancelled jobs", responses=document_errors(404, 409, 422))
def resume_experiment(experiment_id: ExperimentId, app_state: AppStateDep) -> ExperimentView:
    """Cancelled jobs are queued again; each continues from its last checkpoint, or starts over without one."""
    requeue(app_state, experiment_id, State.CANCELLED)
    return _view(app_state, experiment_id)


@router.post(
    "/{experiment_id}/extend",
    summary="Add strengths, seeds or epochs to an ended experiment",
    dependencies=[TakesJson],
    responses=document_errors(404, 409, *BODY_ERRORS),
)
def extend_experiment(experiment_id: ExperimentId, extension: Extension, app_state: AppStateDep) -> ExperimentView:
    """Only what is missing is trained; existing rows stay as they are."""
    extend(app_state, experiment_id, extension)
    return _view(app_state, experiment_id)


@router.get("/{experiment_id}/runs", summary="The runs of an experiment", responses=document_errors(404, 422))
def list_runs(experiment_id: ExperimentId, session: ReadSession) -> list[RunView]:
    experiments.get(session, experiment_id)
    return [view_run(run) for run in runs.list_runs(session, experiment_id)]


@router.get(
    "/{experiment_id}/runs/{run_id}/weights",
    summary="The weights of a finished run, as safetensors",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {}}}, **document_errors(404, 409, 422)},
)
def read_weights(experiment_id: ExperimentId, run_id: RunId, session: ReadSession, app_state: AppStateDep) -> Response:
    """Those that count: of the best epoch under early stopping, else of the last. Tensors by name, two-dimensional."""
    path = find_weights(session, app_state.settings, experiment_id, run_id)
    return FileResponse(path, media_type="application/octet-stream", filename=f"run-{run_id}.safetensors")


def _tag(response: Response, view: ExperimentView) -> ExperimentView:
    response.headers["ETag"] = format_version_etag(view.version)
    return view


def _view(app_state: AppState, experiment_id: int) -> ExperimentView:
    with app_state.readers() as session:
        return view_experiment(session, experiment_id)
