"""The traces of one chart: mean lines, the seeds' own lines, bands, raw lines."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.figures.arrays import encode, encode_x
from backend.figures.data import Cell, Curves, Style
from backend.figures.group import BAND_SEEDS, GroupCurves, list_held, summarize_curves
from backend.figures.reduce import Array, Line, cut_lines, take_like
from backend.figures.scale import NEUTRAL, Scale
from core.analysis.notation import name_strength
from core.analysis.smoothing import smooth

Trace = dict[str, Any]

_FAINT = 0.28
_BAND = 0.14
# What a browser draws of faint lines within a frame or ten; with very many of them each has fewer points.
_MOST_POINTS = 18_000
_FEWEST_POINTS = 60


@dataclass(frozen=True)
class Drawn:
    """Traces from bottom to top, and how many of how many points they show."""

    traces: list[Trace]
    shown: int
    total: int


def draw_traces(curves: Curves, metric: str, cells: Sequence[Cell], scale: Scale | None, style: Style) -> Drawn:
    """Every trace of ``metric``: bands or seeds' lines at the bottom, then raw means, then means; baseline last."""
    group = summarize_curves(curves, metric, cells)
    means = smooth(group.mean, style.smoothing)
    lines = cut_lines(group.x, means, group.lengths, style.points, style.window)
    pens = [_Pen(curves, metric, cell, scale, style) for cell in cells]
    if style.seeds == "mean":
        under, counted = _draw_bands(group, lines, pens, style), lines
    else:
        under, counted = _draw_runs(curves, metric, pens, style)
    raw = _draw_raw(group, pens, style) if style.smoothing > 0 else []
    over = [
        pen.draw("mean", line, state=_find_state(means[i], style.smoothing))
        for i, (pen, line) in enumerate(zip(pens, lines, strict=True))
    ]
    return Drawn([*under, *raw, *over], sum(line.x.size for line in counted), sum(line.total for line in counted))


class _Pen:
    """Draws the traces of one cell."""

    def __init__(self, curves: Curves, metric: str, cell: Cell, scale: Scale | None, style: Style) -> None:
        self.cell = cell
        self.runs = [curves.runs[row] for row in cell.rows]
        self.metric = metric
        self.colour = NEUTRAL if cell.baseline or scale is None else scale.colour(cell.strength)
        self.smoothing = style.smoothing
        # What has stopped cannot be seen in the stream any more; the page goes on with its last value.
        self.held = {} if style.ended else list_held(curves, metric, cell.rows)

    def draw(self, kind: str, line: Line, *, only: int | None = None, **meta: Any) -> Trace:
        """A trace of this kind; ``only``: the one run, by its place in the cell, that it is of."""
        runs = self.runs if only is None else [self.runs[only]]
        strength = name_strength(self.cell.regularizer, self.cell.strength)
        return {
            "type": "scatter",
            # Of ids only, so that it is stable and safe as a class name in the page.
            "uid": f"{kind}-{runs[0].id}-{self.metric}",
            "name": "Baseline" if self.cell.baseline else html.escape(strength),
            # A line of one point is not visible.
            "mode": "lines" if line.x.size > 1 else "lines+markers",
            "x": encode_x(line.x),
            "y": encode(line.y),
            "hoverinfo": "skip",
            "showlegend": False,
            "marker": {"size": 5, "color": self.colour},
            **self._style(kind),
            "meta": self._describe(kind, runs) | {key: value for key, value in meta.items() if value is not None},
        }

    def _style(self, kind: str) -> Trace:
        line: Trace = {"color": self.colour, "width": 2.2 if self.cell.baseline else 1.8}
        if self.cell.baseline:
            line["dash"] = "6px,4px"
        if kind in ("run", "runs", "raw"):
            return {"line": line | {"width": 1, "dash": "solid"}, "opacity": _FAINT}
        if kind in ("low", "high"):
            edge = {"line": line | {"width": 0, "dash": "solid"}, "mode": "lines"}
            fill = {"fill": "tonexty", "fillcolor": _fade(self.colour, _BAND)}
            return edge | fill if kind == "high" else edge
        return {"line": line}

    def _describe(self, kind: str, runs: Sequence[Any]) -> Trace:
        held = {"held": self.held} if self.held and kind not in ("run", "runs") else {}
        return held | {
            "kind": kind,
            "metric": self.metric,
            "regularizer": self.cell.regularizer,
            "strength": self.cell.strength,
            "seeds": [run.seed for run in runs],
            "runs": [run.id for run in runs],
            "baseline": self.cell.baseline,
            "smoothing": self.smoothing,
        }


def _fade(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _find_state(smoothed: Array, smoothing: float) -> list[float] | None:
    """[m, w] of the moving average after the last point, so that the page can go on with it."""
    if smoothing == 0:
        return None
    present = np.flatnonzero(~np.isnan(smoothed))
    if not present.size:
        return [0.0, 0.0]
    weight = 1 - smoothing**present.size
    return [float(smoothed[present[-1]]) * weight, weight]


def _draw_runs(curves: Curves, metric: str, pens: Sequence[_Pen], style: Style) -> tuple[list[Trace], list[Line]]:
    values = smooth(curves.metrics[metric], style.smoothing)
    points = min(style.points, max(_FEWEST_POINTS, _MOST_POINTS // max(len(curves.runs), 1)))
    lines = cut_lines(curves.x, values, curves.lengths, points, style.window)
    traces: list[Trace] = []
    for pen in pens:
        own = [lines[row] for row in pen.cell.rows]
        if style.ended:
            traces.append(pen.draw("runs", _join(own), lengths=[line.x.size for line in own]))
            continue
        for place, (row, line) in enumerate(zip(pen.cell.rows, own, strict=True)):
            traces.append(pen.draw("run", line, only=place, state=_find_state(values[row], style.smoothing)))
    return traces, lines


def _join(lines: Sequence[Line]) -> Line:
    """The lines one behind the other, one NaN between two."""
    gap = np.array([np.nan])
    parts = [part for line in lines for part in ((line.x, line.y), (gap, gap))][:-1]
    return Line(np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts]), 0)


def _draw_bands(group: GroupCurves, lines: Sequence[Line], pens: Sequence[_Pen], style: Style) -> list[Trace]:
    """Mean ± deviation, for cells of enough seeds."""
    edges = [smooth(group.mean + sign * group.deviation, style.smoothing) for sign in (-1, 1)]
    traces: list[Trace] = []
    for i, (pen, line) in enumerate(zip(pens, lines, strict=True)):
        if len(pen.runs) < BAND_SEEDS:
            continue
        for kind, edge in zip(("low", "high"), edges, strict=True):
            state = _find_state(edge[i], style.smoothing)
            traces.append(pen.draw(kind, take_like(line, group.x[i], edge[i]), state=state))
    return traces


def _draw_raw(group: GroupCurves, pens: Sequence[_Pen], style: Style) -> list[Trace]:
    lines = cut_lines(group.x, group.mean, group.lengths, style.points, style.window)
    return [pen.draw("raw", line) for pen, line in zip(pens, lines, strict=True)]
