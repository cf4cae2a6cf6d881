"""From the database to a set of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from backend.figures.batches import spread_batches
from backend.figures.curves import Column, draw_columns
from backend.figures.data import Curves, RunKey, Style
from backend.figures.metrics import FIGURES
from backend.figures.strength import draw_strengths
from core.db.curves import list_jobs, list_runs, read_batch_losses, read_rows
from core.db.models import Experiment, Job, Run
from core.db.states import TERMINAL
from core.spec import BASELINE, ExperimentSpec


@dataclass(frozen=True)
class Wanted:
    """Which figure of which regularizers, a column each; without any it is the baseline's alone."""

    figure: str
    regularizers: tuple[str, ...]
    style: Style


def name_cursor(jobs: Sequence[Job]) -> str:
    return ",".join(f"{job.id}:{job.epoch}:{job.attempt}" for job in jobs)


def has_ended(experiment: Experiment) -> bool:
    return experiment.state in TERMINAL


def build_set(session: Session, experiment: Experiment, spec: ExperimentSpec, wanted: Wanted) -> dict[str, Any]:
    """The figure set, as schemas.FigureSet has it. Reads jobs first, so that no point is newer than the cursor."""
    jobs = list_jobs(session, experiment.id)
    keys = list(wanted.regularizers)
    runs = list_runs(session, experiment.id, [*keys, BASELINE])
    columns = _draw(session, runs, jobs, keys, wanted, spec.epochs)
    layouts = [figure["layout"]["meta"] for column in columns for figure in column.figures.values()]
    return {
        "figure": wanted.figure,
        "cursor": name_cursor(jobs),
        "ended": has_ended(experiment),
        "columns": [
            {
                "regularizer": column.regularizer,
                "label": column.label,
                "scale": None if column.scale is None else asdict(column.scale),
                "figures": column.figures,
            }
            for column in columns
        ],
        "shown": sum(meta["shown"] for meta in layouts),
        "total": sum(meta["total"] for meta in layouts),
    }


def _draw(
    session: Session, runs: Sequence[Run], jobs: Sequence[Job], keys: list[str], wanted: Wanted, epochs: int
) -> list[Column]:
    metrics, style = FIGURES[wanted.figure], wanted.style
    if wanted.figure == "strength":
        last = {run.id: run.last or {} for run in runs}
        return draw_strengths(make_keys(runs), last, keys, metrics, style.task)
    done = {job.id: job.epoch for job in jobs}
    reader = _read_batches if wanted.figure == "batches" else _read_curves
    return draw_columns(reader(session, runs, done, style, metrics), keys, metrics, style, epochs)


def make_keys(runs: Sequence[Run]) -> tuple[RunKey, ...]:
    return tuple(RunKey(run.id, run.regularizer, run.strength, run.seed, run.diverged_epoch) for run in runs)


def _read_curves(
    session: Session, runs: Sequence[Run], done: dict[int, int], style: Style, metrics: Sequence[str]
) -> Curves:
    wanted = [*metrics, "seconds"] if style.axis == "seconds" else list(metrics)
    rows = read_rows(session, runs, done, wanted)
    return Curves(
        make_keys(runs), _find_x(rows.columns.get("seconds"), rows.lengths, style), rows.columns, rows.lengths
    )


def _find_x(seconds: np.ndarray[Any, Any] | None, lengths: np.ndarray[Any, Any], style: Style) -> Any:
    """x of each epoch, shape (M, T), NaN behind a run's end. Time goes on where a row lacks it."""
    epoch = np.arange(1, int(lengths.max(initial=0)) + 1, dtype=np.float64)
    values = np.broadcast_to(epoch, (len(lengths), epoch.size))
    if style.axis == "seconds" and seconds is not None and seconds.size:
        values = np.maximum.accumulate(np.nan_to_num(seconds, nan=0.0, posinf=0.0), axis=1)
    return np.where(epoch <= lengths[:, None], values, np.nan)


def _read_batches(
    session: Session, runs: Sequence[Run], done: dict[int, int], style: Style, metrics: Sequence[str]
) -> Curves:
    losses = read_batch_losses(session, runs, done)
    seconds = None
    if style.axis == "seconds":
        rows = read_rows(session, runs, done, ["seconds"])
        x = _find_x(rows.columns["seconds"], rows.lengths, style)
        seconds = [x[i, : len(own)].tolist() for i, own in enumerate(losses)]
    return spread_batches(make_keys(runs), losses, seconds)
