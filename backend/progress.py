"""How far an experiment has come, how fast it goes, and how long it still takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.schemas import Progress
from core.db.models import Job, now
from core.db.runs import RunBrief
from core.db.states import TERMINAL, State


@dataclass(frozen=True)
class _Pace:
    """``speed``: epochs × runs per second. ``left``: seconds that this job alone still takes."""

    speed: float
    left: float


def measure_progress(state: State, jobs: Sequence[Job], briefs: Sequence[RunBrief]) -> Progress:
    """The progress of the experiment that these jobs and runs make up."""
    runs: dict[int, list[RunBrief]] = {job.id: [] for job in jobs}
    for brief in briefs:
        runs[brief.job_id].append(brief)
    paces = [pace for job in jobs if (pace := _measure_pace(job, runs[job.id]))]
    speed = sum(pace.speed for pace in paces)
    left = sum(_count_left(job, runs[job.id]) for job in jobs if job.state not in TERMINAL)
    return Progress(
        epochs_done=sum(job.epoch for job in jobs),
        # A job whose runs had all ended needed no more.
        epochs=sum(job.epoch if job.state == State.COMPLETED else job.epochs for job in jobs),
        run_epochs_per_second=speed or None,
        # Where a job is slower than the rest, the rest ends first.
        seconds_left=max(left / speed, *(pace.left for pace in paces)) if speed else None,
        seconds=_measure_seconds(state, jobs),
    )


def _measure_pace(job: Job, runs: Sequence[RunBrief]) -> _Pace | None:
    if job.state != State.RUNNING or not job.epoch:
        return None
    seconds = max((run.seconds for run in runs if run.seconds), default=0.0)
    if seconds <= 0:
        return None
    speed = sum(job.epoch if run.ended_epoch is None else run.ended_epoch for run in runs) / seconds
    return _Pace(speed, _count_left(job, runs) / speed)


def _count_left(job: Job, runs: Sequence[RunBrief]) -> int:
    """Epochs × runs that are still to be trained."""
    return (job.epochs - job.epoch) * sum(run.ended_epoch is None for run in runs)


def _measure_seconds(state: State, jobs: Sequence[Job]) -> float | None:
    starts = [job.started for job in jobs if job.started]
    if not starts:
        return None
    ends = [job.finished for job in jobs if job.finished] if state in TERMINAL else []
    return max(0.0, (max(ends, default=now()) - min(starts)).total_seconds())
