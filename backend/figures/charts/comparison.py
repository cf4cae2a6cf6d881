"""Charts over the strength of several experiments: a line each, told apart by dash and symbol; colour stays λ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from backend.figures.axes.colour_scale import NEUTRAL, ColourScale, make_scale
from backend.figures.axes.strength_frame import (
    find_extent,
    find_value_range,
    make_strength_axis,
    place_strength,
    wants_log,
)
from backend.figures.charts.curves import Column, Figure
from backend.figures.charts.layout import make_layout
from backend.figures.metrics import Metric, describe_metric
from backend.figures.typed_arrays import encode_exact
from core.analysis.cells import Cell
from core.analysis.formatting import Task, is_cap, label_regularizer
from core.analysis.selection import compute_standard_error
from core.spec import BASELINE

# In the order of the experiments.
_DASHES = ("solid", "7px,4px", "2px,3px", "12px,4px", "8px,3px,2px,3px", "4px,2px")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
# Lines of several experiments are moved apart by this share of the axis, so that their bars do not overlap.
_SHIFT = 0.008


@dataclass(frozen=True)
class LineStyle:
    """How the line of one experiment is drawn, in all charts. The API returns it as it is."""

    experiment: int
    dash: Annotated[str, Field(description="as Plotly's", examples=["7px,4px"])]
    symbol: Annotated[str, Field(description="as Plotly's", examples=["square"])]


@dataclass(frozen=True)
class Path:
    """The cells of one experiment."""

    style: LineStyle
    cells: Sequence[Cell]


@dataclass(frozen=True)
class _Point:
    strength: float
    mean: float
    error: float
    seeds: int


def list_styles(experiments: Sequence[int]) -> list[LineStyle]:
    return [
        LineStyle(each, *pair) for each, pair in zip(experiments, zip(_DASHES, _SYMBOLS, strict=True), strict=False)
    ]


def draw_paths(paths: Sequence[Path], metrics: Sequence[str], task: Task) -> list[Column]:
    """A column per regularizer that any of them swept; the charts of a metric share their range."""
    keys = list(dict.fromkeys(c.regularizer for path in paths for c in path.cells if c.regularizer != BASELINE))
    described = [describe_metric(name, task) for name in metrics]
    frames = {metric.name: _frame(paths, metric) for metric in described}
    columns = []
    for key in keys:
        strengths = [cell.strength for path in paths for cell in path.cells if cell.regularizer == key]
        # The baseline is strength 0, but for a cap, where 0 would be the strongest.
        scale = make_scale(key, strengths if is_cap(key) else [0.0, *strengths])
        figures = {metric.name: _draw(paths, metric, scale, frames[metric.name]) for metric in described}
        columns.append(Column(key, label_regularizer(key), scale, figures))
    return columns


def _list_points(cells: Sequence[Cell], metric: Metric) -> list[_Point]:
    by_loss = metric.kind == "loss"
    found = []
    for cell in cells:
        mean = cell.loss_mean if by_loss else cell.score_mean
        if mean is None or not math.isfinite(mean):
            continue
        error = compute_standard_error(cell, "loss" if by_loss else "score") or 0.0
        found.append(_Point(cell.strength, mean, error if math.isfinite(error) else 0.0, cell.seeds))
    return found


def _list_own(path: Path, metric: Metric, scale: ColourScale) -> list[_Point]:
    """Of one regularizer by rising strength, from the baseline on where that is strength 0; none without its own."""
    own = [cell for cell in path.cells if cell.regularizer == scale.regularizer]
    base = [] if scale.smaller_is_stronger or any(cell.strength == 0 for cell in own) else _list_baseline(path)
    points = _list_points(own, metric)
    return sorted([*_list_points(base, metric), *points], key=lambda point: point.strength) if points else []


def _list_baseline(path: Path) -> list[Cell]:
    return [cell for cell in path.cells if cell.regularizer == BASELINE]


def _frame(paths: Sequence[Path], metric: Metric) -> Figure:
    points = [point for path in paths for point in _list_points(path.cells, metric)]
    means = [point.mean for point in points]
    ends = [point.mean + sign * point.error for point in points for sign in (-1, 1)]
    kind = "log" if metric.kind == "loss" and wants_log(means) else "linear"
    ranges = {
        name: find_value_range(means, ends, share=metric.percent, log=name == "log") for name in ("linear", "log")
    }
    return {"type": kind, "ranges": ranges}


def _draw(paths: Sequence[Path], metric: Metric, scale: ColourScale, frame: Figure) -> Figure:
    extent = find_extent(scale)
    width = extent[1] - extent[0]
    drawn = [(path, points) for path in paths if (points := _list_own(path, metric, scale))]
    traces = []
    for place, (path, points) in enumerate(drawn):
        shift = (place - (len(drawn) - 1) / 2) * _SHIFT * width
        traces.append(_draw_path(path, points, metric, scale, shift))
        base = _list_points(_list_baseline(path), metric) if scale.smaller_is_stronger else []
        traces.extend(_draw_level(path, point.mean, extent, metric) for point in base)
    kind, ranges = frame["type"], frame["ranges"]
    meta = {
        "metric": metric.name,
        "title": f"{label_regularizer(scale.regularizer)}: final {metric.title[0].lower()}{metric.title[1:]}",
        "percent": metric.percent,
        "better": metric.better,
        "shown": sum(len(points) for _, points in drawn),
        "total": sum(len(points) for _, points in drawn),
        "errors": any(point.error for _, points in drawn for point in points),
        "sentence": _describe(drawn, metric, scale),
        "ranges": {"y": ranges},
    }
    y_axis = {"type": kind, "range": ranges[kind], "tickformat": metric.tickformat}
    return {"data": traces, "layout": make_layout(make_strength_axis(scale), y_axis, meta)}


def _draw_path(path: Path, points: Sequence[_Point], metric: Metric, scale: ColourScale, shift: float) -> Figure:
    style = path.style
    return {
        "type": "scatter",
        "uid": f"path-{style.experiment}-{metric.name}",
        "x": encode_exact([place_strength(point.strength, scale) + shift for point in points]),
        "y": encode_exact([point.mean for point in points]),
        "mode": "lines+markers",
        "line": {"color": NEUTRAL, "width": 1.6, "dash": style.dash},
        "marker": {
            "size": 9, "symbol": style.symbol, "color": [scale.colour(point.strength) for point in points],
            "line": {"width": 1, "color": NEUTRAL},
        },
        "error_y": {
            "type": "data", "array": [point.error for point in points], "color": NEUTRAL, "thickness": 1.2, "width": 3,
        },
        "hoverinfo": "skip",
        "showlegend": False,
        "cliponaxis": False,
        "meta": {
            "kind": "mean",
            "metric": metric.name,
            "baseline": False,
            "experiment": style.experiment,
            "strengths": [point.strength for point in points],
            "counts": [point.seeds for point in points],
        },
    }  # fmt: skip


def _draw_level(path: Path, mean: float, extent: Sequence[float], metric: Metric) -> Figure:
    """The baseline as a thin line across, where it is no strength."""
    style = path.style
    return {
        "type": "scatter",
        "uid": f"level-{style.experiment}-{metric.name}",
        "x": encode_exact(extent),
        "y": encode_exact([mean, mean]),
        "mode": "lines",
        "line": {"color": NEUTRAL, "width": 1, "dash": style.dash},
        "opacity": 0.7,
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {"kind": "baseline", "metric": metric.name, "baseline": True, "experiment": style.experiment},
    }


def _describe(drawn: Sequence[tuple[Path, Sequence[_Point]]], metric: Metric, scale: ColourScale) -> str:
    label = label_regularizer(scale.regularizer)
    if not drawn:
        return f"{metric.title} over the strength of {label}: no run has a value yet."
    names = {tick.strength: tick.label for tick in scale.ticks}
    best = [
        (path.style.experiment, (max if metric.better == "high" else min)(points, key=lambda point: point.mean))
        for path, points in drawn
    ]
    texts = metric.format_all([point.mean for _, point in best])
    listed = "; ".join(
        f"#{experiment}: {text} at {scale.symbol} = {names[point.strength]}"
        for (experiment, point), text in zip(best, texts, strict=True)
    )
    return f"{metric.title} over the strength of {label}, a line per experiment. Best mean of each: {listed}."
