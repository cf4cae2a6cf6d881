"""The file of a run's weights, as the API serves it."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy.orm import Session

from backend.errors.exceptions import MissingWeightsError
from core.db.models import Run
from core.db.queries.runs import get_run
from core.db.states import State
from core.errors import ConflictError
from core.settings import Settings

# Nothing else in the file system is handed out, whatever a restored database names.
_NAME = re.compile(r"\d{8}-[0-9a-f]{8}\.weights\.safetensors")
_FINISHED = (State.COMPLETED, State.DIVERGED)


def find_weights(session: Session, settings: Settings, experiment_id: int, run_id: int) -> Path:
    """Raises NotFoundError, ConflictError before the run's end, MissingWeightsError where there is no such file."""
    run = get_run(session, experiment_id, run_id)
    if run.state not in _FINISHED:
        raise ConflictError(
            f"Run {run_id} is {run.state}; its weights are there once it is completed.",
            field="run_id",
            expected="a run that is completed",
            received=run.state,
        )
    assert settings.checkpoint_folder is not None
    path = settings.checkpoint_folder / f"job-{run.job_id}" / str(run.weights)
    if run.weights is None or not _NAME.fullmatch(run.weights) or not path.is_file():
        raise MissingWeightsError(
            _explain(run), field="run_id", expected="a run whose weights are kept", received=run_id
        )
    return path


def _explain(run: Run) -> str:
    if run.diverged_epoch is not None:
        return f"Run {run.id} diverged; it has no weights."
    if run.weights is None:
        return f"The weights of run {run.id} were not kept: RIDGELINE_KEEP_WEIGHTS was off, or this Ridgeline older."
    return f"The weights of run {run.id} are not in the checkpoint folder of this server (RIDGELINE_CHECKPOINT_FOLDER)."
