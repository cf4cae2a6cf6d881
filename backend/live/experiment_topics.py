"""The topics of an experiment's state and of its runs."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.experiments.serializers import view_experiment, view_run
from backend.live.topic import Topic
from core.db.models import Experiment
from core.db.queries.runs import list_runs


class StateTopic(Topic):
    """The whole schemas.experiments.ExperimentView."""

    seconds = 0.5

    def _advance(self, session: Session, experiment: Experiment) -> dict[str, Any]:
        self._view = view_experiment(session, experiment.id).model_dump(mode="json")
        return self._describe()

    def _describe(self) -> dict[str, Any]:
        return {"experiment": self._view}


class RunsTopic(Topic):
    """A schemas.runs.RunView per run; an update holds the changed ones."""

    seconds = 1.0
    _rows: dict[int, dict[str, Any]]

    def _advance(self, session: Session, experiment: Experiment) -> dict[str, Any] | None:
        old = self._rows if self.history is not None else {}
        self._rows = {run.id: view_run(run).model_dump(mode="json") for run in list_runs(session, experiment.id)}
        if old.keys() - self._rows.keys():
            return None
        return {"rows": [row for key, row in self._rows.items() if old.get(key) != row]}

    def _describe(self) -> dict[str, Any]:
        return {"runs": list(self._rows.values())}
