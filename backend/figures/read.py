"""From the database to a set of figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.coefficients import check_size
from backend.figures.batches import spread_batches
from backend.figures.coefficients import RunCoefficients, draw_paths
from backend.figures.curves import Column, draw_columns
from backend.figures.data import Curves, RunKey, Style
from backend.figures.metrics import FIGURES
from backend.figures.strength import draw_strengths
from core.catalogue import DATASETS, name_features, name_outputs
from core.db import coefficients
from core.db.metrics import RunColumns, read_batch_losses, read_columns
from core.db.models import Experiment, Job, Run
from core.db.runs import list_jobs, list_runs
from core.db.states import TERMINAL
from core.errors import InvalidSpecError
from core.spec import BASELINE, ExperimentSpec, Linear
from core.spec.stopping import find_patience


@dataclass(frozen=True)
class Wanted:
    """Which figure of which regularizers, a column each; without any it is the baseline's alone.

    ``output``: of coefficients, which of the network's outputs.
    """

    figure: str
    regularizers: tuple[str, ...]
    style: Style
    output: int = 0


def name_cursor(jobs: Sequence[Job]) -> str:
    return ",".join(f"{job.id}:{job.epoch}:{job.attempt}" for job in jobs)


def has_ended(experiment: Experiment) -> bool:
    return experiment.state in TERMINAL


def build_set(session: Session, experiment: Experiment, spec: ExperimentSpec, wanted: Wanted) -> dict[str, Any]:
    """The figure set, as schemas.FigureSet has it. Reads jobs first, so that no point is newer than the cursor."""
    jobs = list_jobs(session, [experiment.id])[experiment.id]
    chosen = {*wanted.regularizers, BASELINE}
    runs = [run for run in list_runs(session, experiment.id) if run.regularizer in chosen]
    if wanted.figure == "coefficients":
        columns = _draw_coefficients(session, experiment.id, wanted, spec)
    else:
        columns = _draw(session, runs, {job.id: job.epoch for job in jobs}, wanted, spec)
    metas = [figure["layout"]["meta"] for column in columns for figure in column.figures.values()]
    return {
        "figure": wanted.figure,
        "cursor": name_cursor(jobs),
        "ended": has_ended(experiment),
        "columns": [_write_column(column) for column in columns],
        "shown": sum(meta["shown"] for meta in metas),
        "total": sum(meta["total"] for meta in metas),
    }


def _write_column(column: Column) -> dict[str, Any]:
    return {
        "regularizer": column.regularizer,
        "label": column.label,
        "scale": None if column.scale is None else asdict(column.scale),
        "figures": column.figures,
    }


def _draw(
    session: Session, runs: Sequence[Run], done: Mapping[int, int], wanted: Wanted, spec: ExperimentSpec
) -> list[Column]:
    """``done``: epochs committed by job; later rows are left for the stream."""
    metrics, style = FIGURES[wanted.figure], wanted.style
    if wanted.figure == "strength":
        # Under early stopping a run's best epoch counts.
        at_best = {run.regularizer for run in runs if find_patience(spec, run) is not None}
        rows = {run.id: (run.best if run.regularizer in at_best else run.last) or {} for run in runs}
        return draw_strengths(make_keys(runs), rows, wanted.regularizers, metrics, style.task, at_best)
    curves = (
        _read_batches(session, runs, done, style)
        if wanted.figure == "batches"
        else _read_curves(session, runs, done, style, metrics)
    )
    return draw_columns(curves, wanted.regularizers, metrics, style, spec.epochs)


def _draw_coefficients(session: Session, experiment_id: int, wanted: Wanted, spec: ExperimentSpec) -> list[Column]:
    if not isinstance(spec.network, Linear):
        return []
    outputs = name_outputs(spec)
    if wanted.output >= len(outputs):
        raise InvalidSpecError(
            f"The network has {len(outputs)} outputs; received {wanted.output}.",
            field="output",
            expected=f"0 to {len(outputs) - 1}",
            received=wanted.output,
        )
    keys = [BASELINE, *wanted.regularizers]
    check_size(sum(coefficients.count_bytes(session, experiment_id, key) for key in keys), "regularizer", keys)
    runs = [
        RunCoefficients(path.regularizer, strength, path.seed, weights)
        for key in keys
        for path in coefficients.list_paths(session, experiment_id, key)
        for strength, weights in zip(path.strengths, path.weights, strict=True)
    ]
    is_image = len(DATASETS[spec.dataset.name].shape) == 3
    features = [f"pixel {name}" if is_image else name for name in name_features(spec.dataset)]
    return draw_paths(runs, wanted.regularizers, features, wanted.output, outputs)


def make_keys(runs: Sequence[Run]) -> tuple[RunKey, ...]:
    return tuple(
        RunKey(run.id, run.regularizer, run.strength, run.seed, run.diverged_epoch, run.stopped_epoch, run.stopped_by)
        for run in runs
    )


def _read_curves(
    session: Session, runs: Sequence[Run], done: Mapping[int, int], style: Style, metrics: Sequence[str]
) -> Curves:
    names = [*metrics, "seconds"] if style.axis == "seconds" else list(metrics)
    rows = read_columns(session, [run.id for run in runs], names)
    limits = [done[run.job_id] for run in runs]
    lengths = np.array(
        [np.minimum(own.epochs.max(initial=0), limit) for own, limit in zip(rows, limits, strict=True)], dtype=np.int64
    )
    columns = {name: spread_rows(rows, name, lengths) for name in names}
    return Curves(make_keys(runs), find_x(columns.get("seconds"), lengths), columns, lengths)


def spread_rows(rows: Sequence[RunColumns], name: str, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """One metric as an array of shape (M, T): entry t is epoch t + 1, NaN where there is none."""
    values = np.full((len(rows), int(lengths.max(initial=0))), np.nan)
    for index, own in enumerate(rows):
        kept = own.epochs <= lengths[index]
        values[index, own.epochs[kept] - 1] = own.metrics[name][kept]
    return values


def find_x(seconds: NDArray[np.float64] | None, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """x of each epoch, shape (M, T), NaN behind a run's end: its seconds where given, never going back."""
    epoch = np.arange(1, int(lengths.max(initial=0)) + 1, dtype=np.float64)
    x = np.broadcast_to(epoch, (len(lengths), epoch.size))
    if seconds is not None:
        x = np.maximum.accumulate(np.nan_to_num(seconds, nan=0.0, posinf=0.0), axis=1)
    return np.where(epoch <= lengths[:, None], x, np.nan)


def _read_batches(session: Session, runs: Sequence[Run], done: Mapping[int, int], style: Style) -> Curves:
    found = read_batch_losses(session, [run.id for run in runs])
    losses = [[values for epoch, values in sorted(found[run.id].items()) if epoch <= done[run.job_id]] for run in runs]
    seconds = None
    if style.axis == "seconds":
        x = _read_curves(session, runs, done, style, ["seconds"]).x
        seconds = [x[index, : len(own)].tolist() for index, own in enumerate(losses)]
    return spread_batches(make_keys(runs), losses, seconds)
