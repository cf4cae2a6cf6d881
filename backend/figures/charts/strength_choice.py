"""Marks of the chart over the strength: the strengths that validation chooses, λ_min and λ_1se, and standard errors."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backend.figures.axes.colour_scale import NEUTRAL, ColourScale
from backend.figures.axes.strength_frame import find_extent, place_strength
from backend.figures.data import RunKey
from backend.figures.metrics import Metric
from core.analysis.cells import Cell
from core.analysis.formatting import format_strength
from core.analysis.selection import Metric as ChosenBy
from core.analysis.selection import Selection, compute_standard_error, select_strength

_DASHES, _DOTS, _LONG_DASHES = "7px,4px", "2px,3px", "12px,4px,2px,4px"
# The share of the axis up to which a line's name stands right of it.
_ROOMY = 0.65


def choose_strength(
    swept: Sequence[tuple[RunKey, float]], diverged: Sequence[RunKey], metric: Metric, scale: ColourScale
) -> Selection | None:
    """The choice by this metric, as the answer makes it; ``diverged``: runs that leave their strength out of it."""
    cells = _make_cells(swept, diverged, metric, scale.regularizer)
    return select_strength(cells, _find_direction(metric))


def list_standard_errors(swept: Sequence[tuple[RunKey, float]], metric: Metric, scale: ColourScale) -> list[float]:
    """Of the mean of each strength, by rising strength; 0 below two runs."""
    cells = _make_cells(swept, [], metric, scale.regularizer)
    errors = [compute_standard_error(cell, _find_direction(metric)) or 0.0 for cell in cells]
    return [error if math.isfinite(error) else 0.0 for error in errors]


def mark_choice(selection: Selection | None, scale: ColourScale) -> dict[str, list[dict[str, Any]]]:
    """Vertical lines with names, as ``shapes`` and ``annotations`` of a layout: λ_min dashed, λ_1se dotted."""
    if selection is None:
        return {"shapes": [], "annotations": []}
    symbol, rule = scale.symbol, selection.one_standard_error
    marks = {selection.minimum.strength: (f"{symbol} min", _DASHES)}
    if rule is not None and rule.strength == selection.minimum.strength:
        marks = {rule.strength: (f"{symbol} min = {symbol} 1se", _DASHES)}
    elif rule is not None:
        marks[rule.strength] = (f"{symbol} 1se", _DOTS)
    return {
        "shapes": [_draw_line(place_strength(strength, scale), dash) for strength, (_, dash) in marks.items()],
        "annotations": [_name_line(strength, name, scale) for strength, (name, _) in marks.items()],
    }


def mark_largest(largest: float | None, scale: ColourScale) -> dict[str, list[dict[str, Any]]]:
    """As ``mark_choice``: the least strength whose optimum is at weights 0, where it lies on the axis."""
    low, high = find_extent(scale)
    if largest is None or not low <= (place := place_strength(largest, scale)) <= high:
        return {"shapes": [], "annotations": []}
    name = _name_line(largest, f"{scale.symbol} max", scale) | {"y": 0, "yanchor": "bottom"}
    return {"shapes": [_draw_line(place, _LONG_DASHES)], "annotations": [name]}


def describe_largest(largest: float | None, scale: ColourScale) -> str:
    if largest is None:
        return ""
    strength = format_strength(largest, scale.regularizer)
    return f" From {scale.symbol} max = {strength} on the optimum has no weight but 0."


def describe_choice(selection: Selection | None, names: Mapping[float, str], symbol: str) -> str:
    """``names``: of strengths, as the axis labels them."""
    if selection is None or selection.one_standard_error is None:
        return ""
    rule = selection.one_standard_error.strength
    if rule == selection.minimum.strength:
        return " No stronger one lies within one standard error of it."
    return f" The strongest within one standard error of it is {symbol} = {names[rule]}."


def _find_direction(metric: Metric) -> ChosenBy:
    return "score" if metric.better == "high" else "loss"


def _make_cells(
    swept: Sequence[tuple[RunKey, float]], diverged: Sequence[RunKey], metric: Metric, key: str
) -> list[Cell]:
    strengths = sorted({run.strength for run, _ in swept})
    return [
        _make_cell(key, s, [(run, v) for run, v in swept if run.strength == s], sum(r.strength == s for r in diverged))
        for s in strengths
    ]


def _make_cell(key: str, strength: float, own: Sequence[tuple[RunKey, float]], diverged: int) -> Cell:
    values = np.array([value for _, value in own])
    # Squares near the limits of floats are infinite.
    with np.errstate(over="ignore", invalid="ignore"):
        mean, count = float(values.mean()), len(values)
        deviation = float(values.std(ddof=1)) if count >= 2 else None
    stopped = sum(run.stopped_by == "halving" for run, _ in own)
    return Cell(key, strength, count, mean, deviation, mean, deviation, diverged=diverged, stopped=stopped)


def _draw_line(place: float, dash: str) -> dict[str, Any]:
    line = {"color": NEUTRAL, "width": 1.8, "dash": dash}
    return {"type": "line", "x0": place, "x1": place, "y0": 0, "y1": 1, "yref": "paper", "layer": "below", "line": line}


def _name_line(strength: float, name: str, scale: ColourScale) -> dict[str, Any]:
    place, (low, high) = place_strength(strength, scale), find_extent(scale)
    # Above the plot, where no line crosses it; right of its own line, where there is room for it.
    side, shift = ("left", 3) if place < low + _ROOMY * (high - low) else ("right", -3)
    return {
        "x": place, "y": 1, "yref": "paper", "text": html.escape(name), "showarrow": False,
        "xanchor": side, "yanchor": "bottom", "xshift": shift, "font": {"size": 11, "color": NEUTRAL},
    }  # fmt: skip
