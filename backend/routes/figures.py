"""Figures of an experiment, as Plotly JSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from backend.dependencies import AppStateDep, ExperimentId
from backend.figures.cache import Body
from backend.figures.request import FigureName, FigureQuery
from backend.live.topic import GONE
from backend.live.topic_addresses import find_figure
from backend.openapi.error_responses import document_errors
from backend.schemas.figures import FigureSet
from core.errors import NotFoundError

router = APIRouter(prefix="/api/experiments/{experiment_id}", tags=["figures"])

# Smaller responses are not worth compressing.
_SMALLEST = 1_000


@router.get(
    "/figures/{figure}",
    summary="Figure set, as Plotly JSON",
    response_model=FigureSet,
    responses=document_errors(404, 422),
)
def read_figure(
    request: Request,
    experiment_id: ExperimentId,
    figure: Annotated[FigureName, Path(description="The figure set.")],
    query: Annotated[FigureQuery, Query()],
    app_state: AppStateDep,
) -> Response:
    """During training, `/api/live` sends the changes from this response's `version` on."""
    topic = find_figure(app_state, experiment_id, figure, query)
    topic.refresh()
    version, body = topic.read_body()
    if version == GONE:
        raise NotFoundError("experiment", experiment_id)
    return _answer(request, body)


def _answer(request: Request, body: Body) -> Response:
    headers = {"Vary": "Accept-Encoding", "Cache-Control": "no-cache"}
    if "br" not in request.headers.get("accept-encoding", "") or len(body.plain) < _SMALLEST:
        return Response(body.plain, media_type="application/json", headers=headers)
    return Response(body.pack(), media_type="application/json", headers=headers | {"Content-Encoding": "br"})
