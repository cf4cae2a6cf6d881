"""Charts of lines over epochs or seconds: losses and scores, sparsity and norm, minibatch losses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.figures.axes.colour_scale import ColourScale, make_scale
from backend.figures.axes.ranges import count_below, count_outside, find_range, to_powers
from backend.figures.charts.alt_text import describe_lines, explain_absence
from backend.figures.charts.layout import find_extent, make_layout, take_log
from backend.figures.charts.traces import draw_traces
from backend.figures.curves.aggregate import GroupCurves, summarize_curves
from backend.figures.data import Cell, Curves, Style, group_cells
from backend.figures.metrics import DIFFERENCES, Metric, describe_metric
from core.analysis.formatting import label_regularizer
from core.spec import BASELINE

Figure = dict[str, Any]
_AXES = {"epoch": "epoch", "seconds": "seconds of training"}


@dataclass(frozen=True)
class Column:
    """One regularizer and the baseline, as schemas.figures.FigureColumn."""

    regularizer: str
    label: str
    scale: ColourScale | None
    figures: dict[str, Figure]


def draw_columns(
    curves: Curves, regularizers: Sequence[str], metrics: Sequence[str], style: Style, epochs: int
) -> list[Column]:
    """A column per regularizer, each with the baseline; the charts of one metric share their y-range.

    ``epochs``: the experiment's total. Without ``regularizers``, one column of the baseline.
    """
    chosen = set(regularizers) | {BASELINE}
    seen = curves.select([row for row, run in enumerate(curves.runs) if run.regularizer in chosen])
    ranges = {name: _find_ranges(seen, name, style, epochs) for name in metrics}
    return [_draw_column(seen, key, metrics, style, ranges) for key in regularizers or [BASELINE]]


def _draw_column(seen: Curves, key: str, metrics: Sequence[str], style: Style, ranges: dict[str, Figure]) -> Column:
    own = seen.select([row for row, run in enumerate(seen.runs) if run.regularizer in (key, BASELINE)])
    cells = group_cells(own.runs)
    scale = None if key == BASELINE else make_scale(key, [*(c.strength for c in cells if not c.baseline), *style.span])
    figures = {name: _draw_figure(own, name, cells, scale, style, ranges[name]) for name in metrics}
    return Column(key, label_regularizer(key), scale, figures)


def _find_ranges(seen: Curves, name: str, style: Style, epochs: int) -> Figure:
    """The ranges of a row of charts: x and y, linear and log."""
    values = seen.metrics[name]
    baseline = np.array([run.baseline for run in seen.runs], dtype=bool)
    sound = np.array([run.diverged_epoch is None for run in seen.runs], dtype=bool)
    share = describe_metric(name, style.task).percent
    finite = seen.x[np.isfinite(seen.x)]
    positive = finite[finite > 0]
    first = float(positive.min()) if positive.size else 1.0
    total = float(epochs) if style.axis == "epoch" else None
    start = min(first, 1.0) if style.axis == "epoch" else 0.0
    extent = find_extent(float(finite.max()) if finite.size else 0.0, total, start, style.ended and finite.size > 0)
    return {
        "x": {"linear": extent, "log": take_log(extent, first)},
        "y": {
            "linear": find_range(values, baseline=baseline, sound=sound, share=share),
            "log": find_range(values, baseline=baseline, sound=sound, share=share, log=True),
        },
        "total": total,
        "start": start,
    }


def _draw_figure(
    own: Curves, name: str, cells: Sequence[Cell], scale: ColourScale | None, style: Style, ranges: Figure
) -> Figure:
    metric = describe_metric(name, style.task)
    group = summarize_curves(own, name, cells)
    drawn = draw_traces(own, group, name, cells, scale, style)
    x_axis = {"title": {"text": _AXES[style.axis], "standoff": 6}, "range": ranges["x"]["linear"]}
    y_axis = {"range": ranges["y"]["linear"], "tickformat": metric.tickformat, "zeroline": name in DIFFERENCES}
    meta = _describe(own, metric, group, cells, style, ranges) | {"shown": drawn.shown, "total": drawn.total}
    return {"data": drawn.traces, "layout": make_layout(x_axis, y_axis, meta)}


def _describe(
    own: Curves, metric: Metric, group: GroupCurves, cells: Sequence[Cell], style: Style, ranges: Figure
) -> Figure:
    return {
        "metric": metric.name,
        "title": metric.title,
        "percent": metric.percent,
        "better": metric.better,
        "sentence": describe_lines(own, metric, group, cells, style),
        "empty": "" if np.isfinite(own.metrics[metric.name]).any() else explain_absence(own, style),
        "leaving": _count_leaving(own.metrics[metric.name], ranges["y"]),
        "ranges": ranges,
    }


def _count_leaving(values: NDArray[np.float64], ranges: Figure) -> Figure:
    """How many runs leave the range: of a linear axis, and of a log axis above and at its foot, where 0 is drawn."""
    low, high = ranges["log"]
    return {
        "linear": count_outside(values, *ranges["linear"]),
        "log": {"above": count_outside(to_powers(values), -np.inf, high), "foot": count_below(values, low)},
    }
