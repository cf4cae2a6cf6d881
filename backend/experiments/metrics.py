"""Metrics as columns, from a cursor on, downsampled on request; and those of layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.errors.exceptions import TooLargeError
from backend.schemas.metrics import LayerColumns, Metrics, RunColumns
from core.analysis.curves.downsampling import choose_points
from core.catalogue.epoch_values import LAYER_PARTS
from core.cursor import Place, find_valid, format_cursor, parse_cursor
from core.db.models import Job, Run
from core.db.queries import layers
from core.db.queries import metrics as rows
from core.db.queries.experiments import get
from core.db.queries.runs import list_jobs, list_runs

# The two ends and one bucket's extremes.
_FEWEST_POINTS = 4
# Of one response: about 20 MB of JSON.
MAX_LAYER_VALUES = 2_000_000


def read_metrics(
    session: Session,
    experiment_id: int,
    *,
    metrics: Sequence[str],
    run_ids: Sequence[int] | None = None,
    after: str | None = None,
    points: int | None = None,
) -> Metrics:
    """The metrics of an experiment's runs. Raises NotFoundError and InvalidCursorError."""
    places = parse_cursor(after)
    get(session, experiment_id)
    # Jobs first: then no row is newer than the cursor, and the next read repeats none.
    jobs = list_jobs(session, [experiment_id])[experiment_id]
    wanted = None if run_ids is None else set(run_ids)
    runs = [run for run in list_runs(session, experiment_id) if wanted is None or run.id in wanted]
    found = [
        _view(columns, points)
        for job in jobs
        for columns in _read_job(session, job, [run for run in runs if run.job_id == job.id], metrics, places)
    ]
    return Metrics(cursor=format_cursor(jobs), runs=found)


def _read_job(
    session: Session, job: Job, runs: Sequence[Run], metrics: Sequence[str], places: dict[int, Place]
) -> list[rows.RunColumns]:
    place = places.get(job.id, Place(0))
    after = find_valid(place, job)
    return rows.read_columns(session, [run.id for run in runs], metrics, after=after, until=job.epoch)


def _view(columns: rows.RunColumns, points: int | None) -> RunColumns:
    total = len(columns.epochs)
    kept = _choose(columns, points) if points is not None and total > points else np.arange(total)
    return RunColumns(
        run=columns.run_id,
        epoch=columns.epochs[kept].tolist(),
        metrics={name: to_json(values[kept]) for name, values in columns.metrics.items()},
        shown=len(kept),
        total=total,
    )


def _choose(columns: rows.RunColumns, points: int) -> NDArray[np.int64]:
    """The rows to keep: the metrics share one choice, which keeps the extremes of each."""
    each = max(_FEWEST_POINTS, points // len(columns.metrics))
    return np.unique(choose_points(np.stack(list(columns.metrics.values())), each))


def to_json(values: NDArray[np.floating]) -> list[float | None]:
    """A list, with null for values that are not finite."""
    return [value if finite else None for value, finite in zip(values.tolist(), np.isfinite(values), strict=True)]


def read_layers(
    session: Session, experiment_id: int, run_ids: Sequence[int] | None = None, layer: str | None = None
) -> list[LayerColumns]:
    """By run, in the order of the network. Raises NotFoundError, and TooLargeError for more than a response."""
    get(session, experiment_id)
    size = layers.count_values(session, experiment_id, run_ids)
    if size > MAX_LAYER_VALUES:
        raise TooLargeError(
            f"These layers are {size:,} numbers; one response holds at most {MAX_LAYER_VALUES:,}.",
            field="run",
            expected="fewer runs",
            received=None if run_ids is None else list(run_ids),
        )
    return [
        _view_layer(own, place)
        for own in layers.read_layers(session, experiment_id, run_ids)
        for place, name in enumerate(own.layers)
        if layer is None or name == layer
    ]


def _view_layer(own: layers.RunLayers, place: int) -> LayerColumns:
    parts = {name: to_json(own.values[:, place, part]) for part, name in enumerate(LAYER_PARTS)}
    return LayerColumns(run=own.run_id, layer=own.layers[place], epoch=own.epochs.tolist(), **parts)
