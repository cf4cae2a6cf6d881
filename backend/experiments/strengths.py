"""The table per strength of an experiment."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core.analysis.selection import Metric
from core.analysis.strengths.table import StrengthTable, tabulate_strengths
from core.db.queries.experiments import get
from core.db.queries.runs import list_runs
from core.spec import ExperimentSpec
from core.spec.stopping import stops_early


def read_strengths(session: Session, experiment_id: int, metric: Metric) -> StrengthTable:
    """Raises NotFoundError."""
    spec = ExperimentSpec.model_validate(get(session, experiment_id).spec)
    return tabulate_strengths(list_runs(session, experiment_id), metric, stops_early(spec))
