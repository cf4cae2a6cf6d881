"""The events of one reader since its cursor, each time from one snapshot of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from sqlalchemy.orm import Session, sessionmaker

from backend.experiments.metrics import to_json
from backend.experiments.serializers import summarize, view_jobs, view_run
from backend.schemas.events import EndEvent, EpochEvent, ResetEvent, StateEvent, StoppedRun
from core.analysis.early_ends import summarize_stops
from core.catalogue.metrics import METRIC_NAMES
from core.cursor import Place, find_valid, write_cursor
from core.db.models import Experiment, Job, Run
from core.db.queries.metrics import RunColumns, read_batch_losses, read_columns
from core.db.queries.runs import RunBrief, get_runs, list_briefs, list_jobs
from core.db.states import TERMINAL, State

# Rows (run, epoch) per read, of all jobs together; a long history takes several reads, so that a reader that is cut off
# again and again does not have all of it read each time. 64,000 rows of 20 runs in one job take as long as in large
# pieces; of 800 runs in 40 jobs 2.3 times as long, with the first piece there 7 times as soon.
_ROWS = 2_000


@dataclass(frozen=True)
class FeedEvent:
    """``cursor``: that of a reader who has this event and all before it."""

    name: str
    data: BaseModel
    cursor: str


@dataclass(frozen=True)
class EventBatch:
    """``more``: there is a backlog; read again at once. ``ended``: nothing follows."""

    events: list[FeedEvent]
    more: bool = False
    ended: bool = False


@dataclass(frozen=True)
class _JobBacklog:
    """One job's epochs after ``place`` up to ``until``. ``rewound``: the reader must drop later epochs first."""

    job: Job
    runs: Sequence[RunBrief]
    place: Place
    rewound: bool
    until: int
    columns: Sequence[RunColumns] = ()
    losses: dict[int, dict[int, NDArray[np.float32]]] | None = None

    @property
    def is_behind(self) -> bool:
        return bool(self.runs) and self.until < self.job.epoch


class EventFeed:
    """The position of one reader in one experiment. For one thread at a time."""

    def __init__(
        self, readers: sessionmaker[Session], experiment_id: int, places: dict[int, Place], batch: bool
    ) -> None:
        self._readers = readers
        self._experiment_id = experiment_id
        self._places = dict(places)
        self._batch = batch
        self._run_states: dict[int, tuple[str, int | None]] = {}
        self._begun = False

    def read(self, with_state: bool) -> EventBatch:
        """Everything new. The state comes first in the first batch, later after the epochs that led to it.

        Raises SQLAlchemyError where the database does not answer, and leaves the position as it was. Events are made
        after the transaction: one that computes for long may be ended by the server.
        """
        with self._readers() as session:
            experiment = session.get(Experiment, self._experiment_id)
            if experiment is None:
                return EventBatch([FeedEvent("end", EndEvent(state=None), "")], ended=True)
            jobs = list_jobs(session, [experiment.id])[experiment.id]
            briefs = list_briefs(session, [experiment.id])[experiment.id]
            backlogs = self._fetch(session, jobs, briefs)
            more = any(backlog.is_behind for backlog in backlogs)
            ended = State(experiment.state) in TERMINAL and not more
            due = not self._begun or (not more and (with_state or ended))
            changed = get_runs(session, self._find_changed(briefs, backlogs)) if due else []
        state = _view_state(experiment, jobs, briefs, changed) if due else None
        return EventBatch(self._make_events(backlogs, briefs, state, ended), more, ended)

    def _fetch(self, session: Session, jobs: Sequence[Job], briefs: Sequence[RunBrief]) -> list[_JobBacklog]:
        backlogs = {job.id: self._find_place(job, [run for run in briefs if run.job_id == job.id]) for job in jobs}
        rows = _ROWS
        # The job that is furthest back goes first, so that all curves grow together.
        for backlog in sorted(backlogs.values(), key=lambda backlog: backlog.place.epoch):
            if backlog.is_behind and rows > 0:
                filled = self._fill(session, backlog, rows)
                backlogs[filled.job.id] = filled
                rows -= (filled.until - filled.place.epoch) * len(filled.runs)
        return list(backlogs.values())

    def _find_place(self, job: Job, runs: Sequence[RunBrief]) -> _JobBacklog:
        place = self._places.get(job.id, Place(0, len(job.rewinds)))
        valid = find_valid(place, job)
        rewound = valid < place.epoch
        return _JobBacklog(job, runs, Place(valid, len(job.rewinds)) if rewound else place, rewound, valid)

    def _fill(self, session: Session, backlog: _JobBacklog, rows: int) -> _JobBacklog:
        """The backlog with its next epochs: at most ``rows`` rows, at least one epoch."""
        after = backlog.place.epoch
        until = min(backlog.job.epoch, after + max(1, rows // len(backlog.runs)))
        ids = [run.id for run in backlog.runs]
        columns = read_columns(session, ids, after=after, until=until)
        losses = read_batch_losses(session, ids, after=after, until=until) if self._batch else None
        return replace(backlog, until=until, columns=columns, losses=losses)

    def _find_changed(self, briefs: Sequence[RunBrief], backlogs: Sequence[_JobBacklog]) -> list[int]:
        """Runs whose state is new to the reader, or that it drops by a rewind."""
        dropped = {run.id for backlog in backlogs if backlog.rewound for run in backlog.runs}
        return [
            brief.id for brief in briefs if brief.id in dropped or self._run_states.get(brief.id) != _get_state(brief)
        ]

    def _make_events(
        self, backlogs: Sequence[_JobBacklog], briefs: Sequence[RunBrief], state: StateEvent | None, ended: bool
    ) -> list[FeedEvent]:
        """The events; the position moves past them."""
        events = []
        begins = not self._begun
        self._begun = True
        if state is not None and begins:
            events.append(self._make_event("state", state))
            self._run_states = {brief.id: _get_state(brief) for brief in briefs}
        for backlog in backlogs:
            events += self._make_job_events(backlog)
        if state is not None and not begins:
            events.append(self._make_event("state", state))
            self._run_states = {brief.id: _get_state(brief) for brief in briefs}
        if ended and state is not None:
            events.append(self._make_event("end", EndEvent(state=state.state)))
        return events

    def _make_job_events(self, backlog: _JobBacklog) -> list[FeedEvent]:
        job, events = backlog.job, []
        if backlog.rewound:
            self._places[job.id] = backlog.place
            run_ids = [run.id for run in backlog.runs]
            for run_id in run_ids:
                self._run_states.pop(run_id, None)
            event = ResetEvent(job=job.id, rewinds=len(job.rewinds), epoch=backlog.place.epoch, runs=run_ids)
            events.append(self._make_event("reset", event))
        for epoch in range(backlog.place.epoch + 1, backlog.until + 1) if backlog.columns else ():
            self._places[job.id] = Place(epoch, len(job.rewinds))
            events.append(self._make_event("epoch", _view_epoch(backlog, epoch)))
        return events

    def _make_event(self, name: str, data: BaseModel) -> FeedEvent:
        return FeedEvent(name, data, write_cursor(self._places))


def _get_state(brief: RunBrief) -> tuple[str, int | None]:
    """What a reader knows of a run's state."""
    return brief.state, brief.stopped_epoch


def _view_state(
    experiment: Experiment, jobs: Sequence[Job], briefs: Sequence[RunBrief], changed: Sequence[Run]
) -> StateEvent:
    summary = summarize(experiment, jobs, briefs)
    return StateEvent(
        state=summary.state,
        progress=summary.progress,
        best=summary.best,
        outcome=summary.outcome,
        findings=summary.findings,
        jobs=view_jobs(jobs, briefs),
        runs=[view_run(run) for run in changed],
        stops=summarize_stops(briefs),
    )


def _view_epoch(backlog: _JobBacklog, epoch: int) -> EpochEvent:
    event = _cut(backlog.columns, backlog.job.id, epoch)
    if epoch == 1:
        start = _cut(backlog.columns, backlog.job.id, 0)
        event.start = start.metrics if start.runs == event.runs else None
    event.stopped = [_view_stop(run) for run in backlog.runs if run.stopped_epoch == epoch]
    if backlog.losses is not None:
        event.batch_losses = [to_json(backlog.losses[run].get(epoch, np.empty(0))) for run in event.runs]
    return event


def _view_stop(brief: RunBrief) -> StoppedRun:
    return StoppedRun.model_validate({"run": brief.id, "by": brief.stopped_by})


def _cut(columns: Sequence[RunColumns], job_id: int, epoch: int) -> EpochEvent:
    """The rows of one epoch; runs that diverged or stopped earlier have none."""
    # Epochs rise, so a run's row is where its epoch would be inserted.
    rows = [(column, int(np.searchsorted(column.epochs, epoch))) for column in columns]
    rows = [(column, row) for column, row in rows if row < len(column.epochs) and column.epochs[row] == epoch]
    values = {name: to_json(np.array([column.metrics[name][row] for column, row in rows])) for name in METRIC_NAMES}
    return EpochEvent(job=job_id, epoch=epoch, runs=[column.run_id for column, _ in rows], metrics=values)
