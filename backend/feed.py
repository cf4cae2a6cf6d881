"""What one stream still has to tell: everything since its cursor, each time from one snapshot of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel
from sqlalchemy.orm import Session, sessionmaker

from backend.columns import to_json
from backend.schemas import EndEvent, EpochEvent, ResetEvent, StateEvent, StoppedRun
from backend.views import summarize, view_jobs, view_run, view_stops
from core.cursor import Place, find_valid, write_cursor
from core.db.metrics import METRICS, RunColumns, read_batch_losses, read_columns
from core.db.models import Experiment, Job
from core.db.runs import RunBrief, get_runs, list_briefs, list_jobs
from core.db.states import TERMINAL, State

# Rows of so many (run, epoch) are read at once; a long history comes in several reads.
_ROWS = 20_000


@dataclass(frozen=True)
class Entry:
    """One event: its name, its data, and the cursor of a reader who has it and all before."""

    event: str
    data: BaseModel
    cursor: str


@dataclass(frozen=True)
class News:
    """``more``: there is a backlog, read again at once. ``ended``: nothing will follow."""

    entries: list[Entry]
    more: bool = False
    ended: bool = False


class Feed:
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

    def read(self, with_state: bool) -> News:
        """Everything new. The state comes first of all at the beginning, later behind the epochs that led to it."""
        with self._readers() as session:
            experiment = session.get(Experiment, self._experiment_id)
            if experiment is None:
                return News([Entry("end", EndEvent(state=None), "")], ended=True)
            jobs = list_jobs(session, [experiment.id])[experiment.id]
            briefs = list_briefs(session, [experiment.id])[experiment.id]
            entries = [] if self._begun else [self._read_state(session, experiment, jobs, briefs)]
            entries += self._catch_up(session, jobs, briefs)
            more = any(job.epoch > self._place(job).epoch for job in jobs)
            ended = State(experiment.state) in TERMINAL and not more
            if self._begun and not more and (with_state or ended):
                entries.append(self._read_state(session, experiment, jobs, briefs))
            if ended:
                entries.append(self._enter("end", EndEvent(state=State(experiment.state))))
            self._begun = True
            return News(entries, more, ended)

    def _place(self, job: Job) -> Place:
        return self._places.get(job.id, Place(0, len(job.rewinds)))

    def _enter(self, event: str, data: BaseModel) -> Entry:
        return Entry(event, data, write_cursor(self._places))

    def _read_state(
        self, session: Session, experiment: Experiment, jobs: Sequence[Job], briefs: Sequence[RunBrief]
    ) -> Entry:
        summary = summarize(experiment, jobs, briefs)
        states = {brief.id: (brief.state, brief.stopped_epoch) for brief in briefs}
        changed = [run for run, state in states.items() if self._run_states.get(run) != state]
        self._run_states = states
        data = StateEvent(
            state=summary.state,
            progress=summary.progress,
            best=summary.best,
            jobs=view_jobs(jobs, briefs),
            runs=[view_run(run) for run in get_runs(session, changed)],
            stops=view_stops(briefs),
        )
        return self._enter("state", data)

    def _catch_up(self, session: Session, jobs: Sequence[Job], briefs: Sequence[RunBrief]) -> list[Entry]:
        entries = []
        for job in jobs:
            runs = [brief for brief in briefs if brief.job_id == job.id]
            run_ids = [brief.id for brief in runs]
            place = self._place(job)
            valid = find_valid(place, job)
            if valid < place.epoch:
                place = Place(valid, len(job.rewinds))
                self._places[job.id] = place
                for run in run_ids:
                    self._run_states.pop(run, None)
                event = ResetEvent(job=job.id, rewinds=len(job.rewinds), epoch=valid, runs=run_ids)
                entries.append(self._enter("reset", event))
            if job.epoch > place.epoch and run_ids:
                until = min(job.epoch, place.epoch + max(1, _ROWS // len(run_ids)))
                entries += self._read_epochs(session, job, runs, place.epoch, until)
        return entries

    def _read_epochs(self, session: Session, job: Job, runs: Sequence[RunBrief], after: int, until: int) -> list[Entry]:
        run_ids = [brief.id for brief in runs]
        columns = read_columns(session, run_ids, after=after, until=until)
        losses = read_batch_losses(session, run_ids, after=after, until=until) if self._batch else None
        entries = []
        for epoch in range(after + 1, until + 1):
            event = _cut(columns, job.id, epoch)
            event.stopped = [_view_stop(brief) for brief in runs if brief.stopped_epoch == epoch]
            if losses is not None:
                event.batch_losses = [to_json(losses[run].get(epoch, np.empty(0))) for run in event.runs]
            self._places[job.id] = Place(epoch, len(job.rewinds))
            entries.append(self._enter("epoch", event))
        return entries


def _view_stop(brief: RunBrief) -> StoppedRun:
    return StoppedRun.model_validate({"run": brief.id, "by": brief.stopped_by})


def _cut(columns: Sequence[RunColumns], job_id: int, epoch: int) -> EpochEvent:
    """The rows of one epoch; a run that diverged or stopped before has none."""
    # Epochs rise, so a run's row is where its epoch would be put in.
    rows = [(column, int(np.searchsorted(column.epochs, epoch))) for column in columns]
    rows = [(column, row) for column, row in rows if row < len(column.epochs) and column.epochs[row] == epoch]
    values = {name: to_json(np.array([column.metrics[name][row] for column, row in rows])) for name in METRICS}
    return EpochEvent(job=job_id, epoch=epoch, runs=[column.run_id for column, _ in rows], metrics=values)
