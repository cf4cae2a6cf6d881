"""The traces of one chart of lines: means, bands, lines of seeds, raw means."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.figures.axes.colour_scale import NEUTRAL, ColourScale
from backend.figures.curves.aggregate import BAND_SEEDS, GroupCurves
from backend.figures.curves.downsample import Array, Line, cut_lines, take_like
from backend.figures.data import Cell, Curves, Style
from backend.figures.typed_arrays import encode, encode_x
from core.analysis.curves.smoothing import smooth
from core.analysis.formatting import name_strength

_FAINT = 0.28
_BAND = 0.14
# Points of faint lines that a browser draws smoothly; of very many lines each gets fewer points.
_MOST_POINTS = 18_000
_FEWEST_POINTS = 60


@dataclass(frozen=True)
class Trace:
    """One trace: its lines, and the other properties of the Plotly trace."""

    lines: list[Line]
    options: dict[str, Any]


@dataclass(frozen=True)
class ChartTraces:
    """Traces from bottom to top, with their points drawn and points before downsampling."""

    traces: list[Trace]
    shown: int
    total: int


def write_trace(trace: Trace) -> dict[str, Any]:
    """The Plotly trace: its lines joined with NaN between, their sizes in meta.lengths."""
    gap = np.array([np.nan])
    parts = [part for line in trace.lines for part in ((line.x, line.y), (gap, gap))][:-1]
    x, y = (np.concatenate([part[axis] for part in parts]) for axis in (0, 1))
    meta = trace.options["meta"] | {"lengths": [line.x.size for line in trace.lines]}
    return trace.options | {"x": encode_x(x), "y": encode(y), "meta": meta}


def draw_traces(
    curves: Curves, group: GroupCurves, metric: str, cells: Sequence[Cell], scale: ColourScale | None, style: Style
) -> ChartTraces:
    """Every trace of ``metric``, whose means are ``group``, from bottom to top.

    Bands or seeds' lines, then raw means, then means; the baseline last.
    """
    means = smooth(group.mean, style.smoothing)
    lines = cut_lines(group.x, means, group.lengths, style.points, style.window)
    builders = [_TraceBuilder(curves, metric, cell, scale, style) for cell in cells]
    if style.seeds == "mean":
        under, counted = _draw_bands(group, lines, builders, style), lines
    else:
        under, counted = _draw_runs(curves, metric, builders, style)
    raw = _draw_raw(group, builders, style) if style.smoothing > 0 else []
    over = [builder.draw("mean", [line]) for builder, line in zip(builders, lines, strict=True)]
    return ChartTraces([*under, *raw, *over], sum(line.x.size for line in counted), sum(line.total for line in counted))


class _TraceBuilder:
    """Draws the traces of one cell."""

    def __init__(self, curves: Curves, metric: str, cell: Cell, scale: ColourScale | None, style: Style) -> None:
        self.cell = cell
        self.runs = [curves.runs[row] for row in cell.rows]
        self.metric = metric
        self.colour = NEUTRAL if cell.baseline or scale is None else scale.colour(cell.strength)
        self.smoothing = style.smoothing

    def draw(self, kind: str, lines: list[Line]) -> Trace:
        strength = name_strength(self.cell.regularizer, self.cell.strength)
        options = {
            "type": "scatter",
            # Made of ids, so stable, and safe as a class name in the page.
            "uid": f"{kind}-{self.runs[0].id}-{self.metric}",
            "name": "Baseline" if self.cell.baseline else html.escape(strength),
            # A line of one point needs a marker to be visible.
            "mode": "lines" if any(np.isfinite(line.y).sum() > 1 for line in lines) else "lines+markers",
            "hoverinfo": "skip",
            "showlegend": False,
            "marker": {"size": 5, "color": self.colour},
            **self._style(kind),
            "meta": self._describe(kind),
        }
        return Trace(lines, options)

    def _style(self, kind: str) -> dict[str, Any]:
        line: dict[str, Any] = {"color": self.colour, "width": 2.2 if self.cell.baseline else 1.8}
        if self.cell.baseline:
            line["dash"] = "6px,4px"
        if kind in ("runs", "raw"):
            return {"line": line | {"width": 1, "dash": "solid"}, "opacity": _FAINT}
        if kind in ("low", "high"):
            edge = {"line": line | {"width": 0, "dash": "solid"}, "mode": "lines"}
            fill = {"fill": "tonexty", "fillcolor": _fade(self.colour, _BAND)}
            return edge | fill if kind == "high" else edge
        return {"line": line}

    def _describe(self, kind: str) -> dict[str, Any]:
        return {
            "kind": kind,
            "metric": self.metric,
            "regularizer": self.cell.regularizer,
            "strength": self.cell.strength,
            "seeds": [run.seed for run in self.runs],
            "splits": [run.split for run in self.runs],
            "runs": [run.id for run in self.runs],
            "baseline": self.cell.baseline,
            "smoothing": self.smoothing,
        }


def _fade(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _draw_runs(
    curves: Curves, metric: str, builders: Sequence[_TraceBuilder], style: Style
) -> tuple[list[Trace], list[Line]]:
    """A trace per cell with the lines of its runs: few traces of many lines draw faster than many of one."""
    values = smooth(curves.metrics[metric], style.smoothing)
    points = min(style.points, max(_FEWEST_POINTS, _MOST_POINTS // max(len(curves.runs), 1)))
    lines = cut_lines(curves.x, values, curves.lengths, points, style.window)
    return [builder.draw("runs", [lines[row] for row in builder.cell.rows]) for builder in builders], lines


def _draw_bands(
    group: GroupCurves, lines: Sequence[Line], builders: Sequence[_TraceBuilder], style: Style
) -> list[Trace]:
    """Mean ± deviation, for cells with enough seeds."""
    edges: list[tuple[str, Array]] = [
        (kind, smooth(group.mean + sign * group.deviation, style.smoothing))
        for kind, sign in (("low", -1), ("high", 1))
    ]
    return [
        builder.draw(kind, [take_like(line, edge[i])])
        for i, (builder, line) in enumerate(zip(builders, lines, strict=True))
        if len(builder.runs) >= BAND_SEEDS
        for kind, edge in edges
    ]


def _draw_raw(group: GroupCurves, builders: Sequence[_TraceBuilder], style: Style) -> list[Trace]:
    lines = cut_lines(group.x, group.mean, group.lengths, style.points, style.window)
    return [builder.draw("raw", [line]) for builder, line in zip(builders, lines, strict=True)]
