"""The topic of a figure set: drawn once for all readers with the same query."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from backend.figures.build import FigureReader, has_ended
from backend.figures.cache import Body, FigureCache
from backend.figures.figure_set import DrawnSet, compare_sets, write_set
from backend.figures.request import FigureName, FigureQuery
from backend.live.topic import Topic
from core.db.models import Experiment
from core.db.queries.runs import Fingerprint
from core.errors import NotFoundError

# These show no curves: every two seconds is often enough.
_SECONDS = {"strength": 2.0, "coefficients": 2.0, "claims": 2.0, "ridgelines": 2.0}


class FigureTopic(Topic):
    """Holds the set and its curves until the experiment has ended and its last update was made."""

    def __init__(
        self,
        address: str,
        experiment_id: int,
        readers: sessionmaker[Session],
        cache: FigureCache,
        figure: FigureName,
        query: FigureQuery,
    ) -> None:
        super().__init__(address, experiment_id, readers)
        self.seconds = _SECONDS.get(figure, 0.0)
        self._figure: FigureName = figure
        self._query = query
        self._cache = cache
        self._reader: FigureReader | None = None
        self._drawn: DrawnSet | None = None

    def _advance(self, session: Session, experiment: Experiment) -> dict[str, Any] | None:
        ended = has_ended(experiment)
        if ended and self._drawn is None:
            # No update is possible any more: the figures are drawn on request.
            return None
        self._reader = self._reader or FigureReader(self._figure, self._query)
        drawn, before = self._reader.read(session, experiment), self._drawn
        change = compare_sets(before, drawn) if before is not None else None
        self._reader, self._drawn = (None, None) if ended else (self._reader, drawn)
        return change

    def _name_version(self, experiment: Experiment, fingerprint: Fingerprint) -> str:
        if not has_ended(experiment):
            return super()._name_version(experiment, fingerprint)
        # The version of an ended experiment is the same in every process.
        text = repr((experiment.id, experiment.created.isoformat(), fingerprint))
        return f"ended.{hashlib.sha256(text.encode()).hexdigest()[:16]}"

    def _make_body(self, version: str) -> Body:
        if not version.startswith("ended."):
            return super()._make_body(version)
        return self._cache.read((self.address, version), lambda: super(FigureTopic, self)._make_body(version).plain)

    def _describe(self) -> dict[str, Any]:
        if self._drawn is not None:
            return write_set(self._drawn)
        with self._readers() as session:
            experiment = session.get(Experiment, self.experiment_id)
            if experiment is None:
                raise NotFoundError("experiment", self.experiment_id)
            return write_set(FigureReader(self._figure, self._query).read(session, experiment))
