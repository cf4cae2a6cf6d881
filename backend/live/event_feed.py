"""What one stream still has to tell: everything since its cursor, each time from one snapshot of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel
from sqlalchemy.orm import Session, sessionmaker

from backend.experiments.metrics import to_json
from backend.experiments.serializers import summarize, view_jobs, view_run, view_stops
from backend.schemas.events import EndEvent, EpochEvent, ResetEvent, StateEvent, StoppedRun
from core.cursor import Place, find_valid, write_cursor
from core.db.models import Experiment, Job, Run
from core.db.queries.metrics import METRICS, RunColumns, read_batch_losses, read_columns
from core.db.queries.runs import RunBrief, get_runs, list_briefs, list_jobs
from core.db.states import TERMINAL, State

# Rows of so many (run, epoch) are read at once, of all jobs together; a long history comes in several reads. Who is cut
# off again and again does not have all of its history read each time. All read, 64,000 rows of 20 runs in one job
# take as long as in large pieces; of 800 runs in 40 jobs 2.3 times as long, and the first piece comes 7 times as soon.
_ROWS = 2_000


@dataclass(frozen=True)
class FeedEvent:
    """One event: its name, its data, and the cursor of a reader who has it and all before."""

    event: str
    data: BaseModel
    cursor: str


@dataclass(frozen=True)
class EventBatch:
    """``more``: there is a backlog, read again at once. ``ended``: nothing will follow."""

    entries: list[FeedEvent]
    more: bool = False
    ended: bool = False


@dataclass(frozen=True)
class _JobBacklog:
    """What one job has for a reader at ``place``, where all that was taken back is dropped: the epochs to ``until``."""

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
    """The position of one reader in one experiment. Used by one thread at a time."""

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
        """Everything new. The state comes first of all at the beginning, later behind the epochs that led to it.

        Raises SQLAlchemyError where the database does not answer; the same is then still to be told. Everything is read
        before any of it is made into events: a transaction that computes for long may be ended by the server.
        """
        with self._readers() as session:
            experiment = session.get(Experiment, self._experiment_id)
            if experiment is None:
                return EventBatch([FeedEvent("end", EndEvent(state=None), "")], ended=True)
            jobs = list_jobs(session, [experiment.id])[experiment.id]
            briefs = list_briefs(session, [experiment.id])[experiment.id]
            chapters = self._fetch(session, jobs, briefs)
            more = any(chapter.is_behind for chapter in chapters)
            ended = State(experiment.state) in TERMINAL and not more
            due = not self._begun or (not more and (with_state or ended))
            changed = get_runs(session, self._find_changed(briefs, chapters)) if due else []
        state = _view_state(experiment, jobs, briefs, changed) if due else None
        return EventBatch(self._tell(chapters, briefs, state, ended), more, ended)

    def _fetch(self, session: Session, jobs: Sequence[Job], briefs: Sequence[RunBrief]) -> list[_JobBacklog]:
        chapters = {job.id: self._find_place(job, [run for run in briefs if run.job_id == job.id]) for job in jobs}
        rows = _ROWS
        # The one that is furthest back goes first, so that all curves grow together.
        for chapter in sorted(chapters.values(), key=lambda chapter: chapter.place.epoch):
            if chapter.is_behind and rows > 0:
                filled = self._fill(session, chapter, rows)
                chapters[filled.job.id] = filled
                rows -= (filled.until - filled.place.epoch) * len(filled.runs)
        return list(chapters.values())

    def _find_place(self, job: Job, runs: Sequence[RunBrief]) -> _JobBacklog:
        place = self._places.get(job.id, Place(0, len(job.rewinds)))
        valid = find_valid(place, job)
        rewound = valid < place.epoch
        return _JobBacklog(job, runs, Place(valid, len(job.rewinds)) if rewound else place, rewound, valid)

    def _fill(self, session: Session, chapter: _JobBacklog, rows: int) -> _JobBacklog:
        """With its next epochs: at most ``rows`` rows, but one epoch at least."""
        after = chapter.place.epoch
        until = min(chapter.job.epoch, after + max(1, rows // len(chapter.runs)))
        ids = [run.id for run in chapter.runs]
        columns = read_columns(session, ids, after=after, until=until)
        losses = read_batch_losses(session, ids, after=after, until=until) if self._batch else None
        return replace(chapter, until=until, columns=columns, losses=losses)

    def _find_changed(self, briefs: Sequence[RunBrief], chapters: Sequence[_JobBacklog]) -> list[int]:
        """Runs whose state the reader does not know, or will drop with what was taken back."""
        dropped = {run.id for chapter in chapters if chapter.rewound for run in chapter.runs}
        return [brief.id for brief in briefs if brief.id in dropped or self._run_states.get(brief.id) != _mark(brief)]

    def _tell(
        self, chapters: Sequence[_JobBacklog], briefs: Sequence[RunBrief], state: StateEvent | None, ended: bool
    ) -> list[FeedEvent]:
        """The events; the reader has them from here on."""
        entries = []
        begins = not self._begun
        self._begun = True
        if state is not None and begins:
            entries.append(self._enter("state", state))
            self._run_states = {brief.id: _mark(brief) for brief in briefs}
        for chapter in chapters:
            entries += self._tell_chapter(chapter)
        if state is not None and not begins:
            entries.append(self._enter("state", state))
            self._run_states = {brief.id: _mark(brief) for brief in briefs}
        if ended and state is not None:
            entries.append(self._enter("end", EndEvent(state=state.state)))
        return entries

    def _tell_chapter(self, chapter: _JobBacklog) -> list[FeedEvent]:
        job, entries = chapter.job, []
        if chapter.rewound:
            self._places[job.id] = chapter.place
            run_ids = [run.id for run in chapter.runs]
            for run_id in run_ids:
                self._run_states.pop(run_id, None)
            event = ResetEvent(job=job.id, rewinds=len(job.rewinds), epoch=chapter.place.epoch, runs=run_ids)
            entries.append(self._enter("reset", event))
        for epoch in range(chapter.place.epoch + 1, chapter.until + 1) if chapter.columns else ():
            self._places[job.id] = Place(epoch, len(job.rewinds))
            entries.append(self._enter("epoch", _view_epoch(chapter, epoch)))
        return entries

    def _enter(self, event: str, data: BaseModel) -> FeedEvent:
        return FeedEvent(event, data, write_cursor(self._places))


def _mark(brief: RunBrief) -> tuple[str, int | None]:
    """What of a run's state changes it for a reader."""
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
        stops=view_stops(briefs),
    )


def _view_epoch(chapter: _JobBacklog, epoch: int) -> EpochEvent:
    event = _cut(chapter.columns, chapter.job.id, epoch)
    event.stopped = [_view_stop(run) for run in chapter.runs if run.stopped_epoch == epoch]
    if chapter.losses is not None:
        event.batch_losses = [to_json(chapter.losses[run].get(epoch, np.empty(0))) for run in event.runs]
    return event


def _view_stop(brief: RunBrief) -> StoppedRun:
    return StoppedRun.model_validate({"run": brief.id, "by": brief.stopped_by})


def _cut(columns: Sequence[RunColumns], job_id: int, epoch: int) -> EpochEvent:
    """The rows of one epoch; a run that diverged or stopped before has none."""
    # Epochs rise, so a run's row is where its epoch would be put in.
    rows = [(column, int(np.searchsorted(column.epochs, epoch))) for column in columns]
    rows = [(column, row) for column, row in rows if row < len(column.epochs) and column.epochs[row] == epoch]
    values = {name: to_json(np.array([column.metrics[name][row] for column, row in rows])) for name in METRICS}
    return EpochEvent(job=job_id, epoch=epoch, runs=[column.run_id for column, _ in rows], metrics=values)
