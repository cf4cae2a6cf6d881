"""The textbook's claims about an experiment, and their verdicts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.experiments.trajectories import ComparedRuns, TrajectoryReader
from core.analysis.claims.verdicts import Claims, judge_claims
from core.catalogue import DATASETS
from core.catalogue.design import find_design
from core.db.models import Experiment
from core.db.queries.experiments import get
from core.spec import ExperimentSpec

_NOTE = (
    "The state before the first step was not recorded, so falls and rises are counted from the end of epoch 1: "
    "what the first epoch did is not in them."
)


class ClaimsReader:
    """Reads the claims of one experiment again and again. For one thread at a time."""

    def __init__(self) -> None:
        self._trajectories = TrajectoryReader()

    def read(self, session: Session, experiment: Experiment) -> Claims:
        spec = ExperimentSpec.model_validate(experiment.spec)
        compared = self._trajectories.read(session, experiment.id, spec)
        missing = _describe_missing(compared)
        return Claims(
            complete=missing is None,
            missing=missing,
            epoch=compared.epoch,
            start=0 if compared.start == 0 else 1,
            note=None if compared.start == 0 else _NOTE,
            verdicts=judge_claims(compared.trajectories, DATASETS[spec.dataset.name].task, find_design(spec)),
        )


def read_claims(session: Session, experiment_id: int) -> Claims:
    """Raises NotFoundError."""
    return ClaimsReader().read(session, get(session, experiment_id))


def _describe_missing(compared: ComparedRuns) -> str | None:
    if not compared.unended:
        return None
    where = f"; the others are compared at epoch {compared.epoch}" if compared.epoch else ""
    return f"{compared.unended} of {compared.total} runs have not ended{where}"
