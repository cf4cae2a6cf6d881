"""The script of a recorded run."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.scripts.script import Ending, make_script
from core.db.models import Run
from core.db.queries import experiments, runs
from core.spec import ExperimentSpec, PlannedRun

_REASONS = {"halving": "successive halving stopped it then", "tolerance": "it had reached the tolerance"}


def read_script(session: Session, run_id: int) -> str:
    """Raises NotFoundError, and NoScriptError where a part of the run is not written as a script yet."""
    run = runs.get(session, run_id)
    spec = ExperimentSpec.model_validate(experiments.get(session, run.experiment_id).spec)
    planned = PlannedRun(run.regularizer, run.strength, run.seed, run.split)
    return make_script(spec, planned, f"Run {run.id} of experiment {run.experiment_id}", _find_ending(run))


def _find_ending(run: Run) -> Ending | None:
    """Where it ended for a reason that lies in other runs or in rounding; early stopping the script does itself."""
    if run.diverged_epoch is not None:
        return Ending(run.diverged_epoch, "it diverged then")
    if run.stopped_epoch is not None and run.stopped_by in _REASONS:
        return Ending(run.stopped_epoch, _REASONS[run.stopped_by])
    return None
