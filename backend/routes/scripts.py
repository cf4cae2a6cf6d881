"""A run as a script."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from backend.dependencies import MAX_ID, ReadSession
from backend.experiments.run_script import read_script
from backend.openapi.error_responses import document_errors

router = APIRouter(prefix="/api/runs/{run_id}", tags=["experiments"])

RunId = Annotated[int, Path(ge=1, le=MAX_ID, description="The run's id.", examples=[1])]


class PythonResponse(Response):
    """Python source, in UTF-8."""

    media_type = "text/x-python"
    charset = "utf-8"


@router.get(
    "/script",
    summary="A self-contained PyTorch script that prints the run's curve",
    response_class=PythonResponse,
    responses={200: {"description": "Python source"}, **document_errors(404, 409, 422)},
)
def get_script(run_id: RunId, session: ReadSession) -> Response:
    """Draws the same start, batches and noise as the run, from scikit-learn's data. Needs nothing of Ridgeline.

    Not every data set, network and optimizer can be written so yet; the error names what is missing.
    """
    disposition = {"Content-Disposition": f'attachment; filename="ridgeline-run-{run_id}.py"'}
    return PythonResponse(read_script(session, run_id), headers=disposition)
