"""Progress, speed and remaining time of an experiment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from backend.schemas.jobs import Progress
from core.db.models import Job, now
from core.db.queries.runs import RunBrief
from core.db.states import TERMINAL, State
from core.planning import count_ahead
from core.spec import BASELINE, HalvingSpec


@dataclass(frozen=True)
class _Pace:
    """``speed``: epochs × runs per second. ``left``: remaining seconds of this job alone."""

    speed: float
    left: float


def measure_progress(
    state: State, jobs: Sequence[Job], briefs: Sequence[RunBrief], halving: HalvingSpec | None = None
) -> Progress:
    """The progress of an experiment with these jobs and runs; ``halving``: from its spec."""
    runs: dict[int, list[RunBrief]] = {job.id: [] for job in jobs}
    for brief in briefs:
        runs[brief.job_id].append(brief)
    ahead = {job.id: _count_left(job, runs[job.id], halving) for job in jobs if job.state not in TERMINAL}
    paces = [pace for job in jobs if (pace := _measure_pace(job, runs[job.id], ahead.get(job.id, 0)))]
    speed = sum(pace.speed for pace in paces)
    left = sum(ahead.values())
    # A job whose runs all ended early needed no more epochs.
    needed = [job.epoch if job.state == State.COMPLETED else job.epochs for job in jobs]
    done, total, epochs = sum(job.epoch for job in jobs), sum(needed), max(needed, default=0)
    return Progress(
        epochs_done=done * epochs // total if total else 0,
        epochs=epochs,
        share=done / total if total else 0.0,
        jobs_done=sum(job.epoch >= own for job, own in zip(jobs, needed, strict=True)),
        run_epochs_per_second=speed or None,
        # A job may be slower than the rest together.
        seconds_left=max(left / speed, *(pace.left for pace in paces)) if speed else None,
        seconds=_measure_seconds(state, jobs, briefs),
    )


def _measure_pace(job: Job, runs: Sequence[RunBrief], left: float) -> _Pace | None:
    if job.state != State.RUNNING or not job.epoch:
        return None
    seconds = max((run.seconds for run in runs if run.seconds), default=0.0)
    if seconds <= 0:
        return None
    speed = sum(job.epoch if run.ended_epoch is None else run.ended_epoch for run in runs) / seconds
    return _Pace(speed, left / speed)


def _count_left(job: Job, runs: Sequence[RunBrief], halving: HalvingSpec | None) -> float:
    """Remaining epochs × runs, without those that halving will stop."""
    strengths: dict[str, Counter[float]] = {}
    for run in runs:
        if run.ended_epoch is None:
            strengths.setdefault(run.regularizer, Counter())[run.strength] += 1
    return sum(
        count_ahead(None if key == BASELINE else halving, len(own), job.epoch, job.epochs) * own.total() / len(own)
        for key, own in strengths.items()
    )


def _measure_seconds(state: State, jobs: Sequence[Job], briefs: Sequence[RunBrief]) -> float | None:
    """Seconds from the first start to the end or now. These clocks may jump, so at least the longest training time,
    which a monotonic clock measures."""
    starts = [job.started for job in jobs if job.started]
    if not starts:
        return None
    ends = [job.finished for job in jobs if job.finished] if state in TERMINAL else []
    trained = max((brief.seconds for brief in briefs if brief.seconds), default=0.0)
    return max(trained, (max(ends, default=now()) - min(starts)).total_seconds())
