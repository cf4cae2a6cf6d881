"""Figure sets: as drawn, as sent, and the change from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.figures.charts.curves import Column, Figure
from backend.figures.charts.traces import Trace, write_trace
from backend.figures.curves.downsample import Line
from backend.figures.typed_arrays import round_single


@dataclass(frozen=True)
class DrawnSet:
    """The columns of one figure set. ``cursor``: the epochs they stand for; ``ended``: no more epochs are to come."""

    figure: str
    cursor: str
    ended: bool
    columns: Sequence[Column]

    def describe(self) -> dict[str, Any]:
        """The set without its columns."""
        metas = [figure["layout"]["meta"] for column in self.columns for figure in column.figures.values()]
        return {
            "figure": self.figure,
            "cursor": self.cursor,
            "ended": self.ended,
            "shown": sum(meta["shown"] for meta in metas),
            "total": sum(meta["total"] for meta in metas),
        }


def write_set(drawn: DrawnSet) -> dict[str, Any]:
    """The set as schemas.figures.FigureSet, without topic and version."""
    return drawn.describe() | {"columns": [write_column(column) for column in drawn.columns]}


def write_column(column: Column) -> dict[str, Any]:
    return {
        "regularizer": column.regularizer,
        "label": column.label,
        "scale": None if column.scale is None else asdict(column.scale),
        "figures": {name: write_figure(figure) for name, figure in column.figures.items()},
    }


def write_figure(figure: Figure) -> Figure:
    """The figure as Plotly JSON, with typed arrays."""
    return figure | {"data": [write_trace(trace) if isinstance(trace, Trace) else trace for trace in figure["data"]]}


def compare_sets(old: DrawnSet, new: DrawnSet) -> dict[str, Any] | None:
    """The change from ``old`` to ``new``, as schemas.live.FigureChange; None where charts or lines differ.

    Of a line it holds the points after those that both share. Applied to the old set it gives exactly the new one.
    """
    if [_identify(column) for column in old.columns] != [_identify(column) for column in new.columns]:
        return None
    figures = [
        {"column": place, "metric": metric, **change}
        for place, (before, after) in enumerate(zip(old.columns, new.columns, strict=True))
        for metric, figure in after.figures.items()
        if (change := _compare_figures(before.figures[metric], figure))
    ]
    return {"set": new.describe(), "figures": figures}


def _identify(column: Column) -> tuple[Any, ...]:
    """What a change cannot express: where it differs, the whole set is sent."""
    charts = [
        (metric, [_identify_trace(trace) for trace in figure["data"]]) for metric, figure in column.figures.items()
    ]
    return column.regularizer, column.label, column.scale, charts


def _identify_trace(trace: Trace | Figure) -> tuple[Any, ...]:
    if isinstance(trace, Trace):
        return trace.options["uid"], trace.options["meta"]["runs"], len(trace.lines)
    return (trace["uid"],)


def _compare_figures(old: Figure, new: Figure) -> dict[str, Any]:
    layout = {key: value for key, value in new["layout"].items() if old["layout"].get(key) != value}
    traces = [
        {"trace": place, **change}
        for place, (before, after) in enumerate(zip(old["data"], new["data"], strict=True))
        if (change := _compare_traces(before, after))
    ]
    return ({"layout": layout} if layout else {}) | ({"traces": traces} if traces else {})


def _compare_traces(old: Trace | Figure, new: Trace | Figure) -> dict[str, Any]:
    before, after = (trace.options if isinstance(trace, Trace) else trace for trace in (old, new))
    options = {key: value for key, value in after.items() if before.get(key) != value}
    lines = []
    if isinstance(old, Trace) and isinstance(new, Trace):
        lines = [
            change
            for place, pair in enumerate(zip(old.lines, new.lines, strict=True))
            if (change := _compare_lines(place, *pair))
        ]
    return ({"options": options} if options else {}) | ({"lines": lines} if lines else {})


def _compare_lines(place: int, old: Line, new: Line) -> dict[str, Any] | None:
    """A schemas.live.LineChange; None where the line is unchanged."""
    size = min(old.x.size, new.x.size)
    kept = size
    if not (old.x is new.x and old.y is new.y):
        same = _match(old.x[:size], new.x[:size]) & _match(old.y[:size], new.y[:size])
        kept = size if same.all() else int(same.argmin())
    if kept == new.x.size == old.x.size:
        return None
    return {"line": place, "keep": kept, "x": round_single(new.x[kept:]), "y": round_single(new.y[kept:])}


def _match(old: NDArray[np.float64], new: NDArray[np.float64]) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (old == new) | (np.isnan(old) & np.isnan(new))
    return same
