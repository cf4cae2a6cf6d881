"""Charts of an experiment, as plotly.js takes them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AfterValidator

from backend.figures.data import Style
from backend.figures.read import Wanted, build_set, has_ended
from backend.parameters import ExperimentId, Part, Reading, document_errors
from backend.parts import Parts
from backend.schemas import FigureSet
from core.catalogue import DATASETS
from core.db.experiments import get
from core.db.runs import list_jobs
from core.errors import InvalidSpecError
from core.spec import BASELINE, ExperimentSpec

router = APIRouter(prefix="/api/experiments/{experiment_id}", tags=["figures"])

FigureName = Literal["curves", "weights", "batches", "strength", "coefficients"]
# Smaller answers are not worth compressing.
_SMALLEST = 1_000


def _check_finite(value: float | None) -> float | None:
    if value is not None and abs(value) > 1e12:
        raise ValueError(f"expected a number of at most 10¹² in size; received {value:g}")
    return value


Edge = Annotated[float | None, Query(allow_inf_nan=False), AfterValidator(_check_finite)]


@router.get(
    "/figures/{figure}",
    summary="A set of charts",
    response_model=FigureSet,
    responses=document_errors(404, 422),
)
def read_figure(
    request: Request,
    experiment_id: ExperimentId,
    figure: Annotated[FigureName, Path(description="Which set.")],
    session: Reading,
    parts: Part,
    regularizer: Annotated[
        list[Annotated[str, Query(max_length=100)]] | None,
        Query(max_length=32, description="Keys, a column each; repeat it. The experiment's first by default."),
    ] = None,
    x: Annotated[Literal["epoch", "seconds"], Query(description="The horizontal axis.")] = "epoch",
    smoothing: Annotated[float, Query(ge=0, le=0.999, description="Of the moving average; 0 draws the raw line.")] = 0,
    seeds: Annotated[
        Literal["mean", "all"], Query(description="Mean and band, or the mean over every seed's faint line.")
    ] = "all",
    points: Annotated[int, Query(ge=4, le=10_000, description="At most so many points per line.")] = 300,
    output: Annotated[int, Query(ge=0, lt=10_000, description="Of coefficients: which output, a class each.")] = 0,
    start: Annotated[Edge, Query(description="Only what lies between start and stop on the horizontal axis.")] = None,
    stop: Annotated[Edge, Query(description="See start; both or neither.")] = None,
) -> Response:
    experiment = get(session, experiment_id)
    spec = ExperimentSpec.model_validate(experiment.spec)
    style = Style(
        task=DATASETS[spec.dataset.name].task,
        axis=x,
        seeds=seeds,
        smoothing=smoothing,
        points=points,
        window=None if start is None or stop is None else (start, stop),
        ended=has_ended(experiment),
    )
    wanted = Wanted(figure, _choose(spec, regularizer), style, output)

    def make() -> bytes:
        return orjson.dumps(build_set(session, experiment, spec, wanted))

    # While an experiment that has ended is not taken up again nothing of it changes but its name: figures are kept.
    attempts = tuple((job.id, job.attempt) for job in list_jobs(session, [experiment.id])[experiment.id])
    key = (experiment.id, experiment.created, attempts, wanted) if style.ended else None
    return _answer(request, parts, key, make)


def _choose(spec: ExperimentSpec, asked: list[str] | None) -> tuple[str, ...]:
    """The keys asked for, in the order of the spec, without repeats."""
    known = [entry.key for entry in spec.regularizers]
    if not asked:
        return tuple(known[:1])
    for key in asked:
        if key not in known and key != BASELINE:
            raise InvalidSpecError(
                "This experiment has no such regularizer.",
                field="regularizer",
                expected=f"one of: {', '.join(known) or BASELINE}",
                received=key,
            )
    return tuple(key for key in known if key in asked)


def _answer(request: Request, parts: Parts, key: Hashable | None, make: Callable[[], bytes]) -> Response:
    body = parts.figures.read(key, make)
    headers = {"Vary": "Accept-Encoding", "Cache-Control": "no-cache"}
    if "br" not in request.headers.get("accept-encoding", "") or len(body.plain) < _SMALLEST:
        return Response(body.plain, media_type="application/json", headers=headers)
    return Response(body.pack(), media_type="application/json", headers=headers | {"Content-Encoding": "br"})
