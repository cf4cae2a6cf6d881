"""Alternative texts of charts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from backend.figures.curves.aggregate import GroupCurves
from backend.figures.data import Axis, Cell, Curves, Style
from backend.figures.metrics import Metric
from core.analysis.digits import format_strengths
from core.analysis.formatting import get_symbol, label_regularizer, name_strength


def describe_lines(curves: Curves, metric: Metric, group: GroupCurves, cells: Sequence[Cell], style: Style) -> str:
    """The alternative text of a chart of lines: its content, and where the lines end."""
    ends = find_ends(group, cells)
    regularized = [cell for cell in cells if not cell.baseline]
    parts = [f"{metric.title} over {_name_axis(curves, style.axis)}"]
    if regularized:
        parts.append(f" of {name_sweep(regularized)}, beside the baseline")
    else:
        parts.append(" of the baseline")
    parts.append(f"; {count_seeds(curves, cells)}.")
    if not ends:
        return "".join(parts) + f" {explain_absence(curves, style)}." + _count_diverged(curves)
    return "".join(parts) + describe_ends(ends, metric) + _count_stopped(curves) + _count_diverged(curves)


def _name_axis(curves: Curves, axis: Axis) -> str:
    if axis == "seconds":
        return "seconds of training"
    last = float(np.nanmax(curves.x)) if np.isfinite(curves.x).any() else 0
    return "1 epoch" if last == 1 else f"{last:,.0f} epochs"


def explain_absence(curves: Curves, style: Style) -> str:
    """Why a chart has no line."""
    if curves.lengths.any():
        return "No run has a finite value"
    return "No epoch was finished" if style.ended else "No epoch is finished yet"


def name_sweep(cells: Sequence[Cell]) -> str:
    """``L1 at 18 strengths, λ = 10⁻⁶ to λ = 10⁻¹``."""
    label, first, last = label_regularizer(cells[0].regularizer), cells[0], cells[-1]
    if len(cells) == 1:
        return f"{label} at {name_strength(first.regularizer, first.strength)}"
    names = name_strengths(cells)
    low, high = names[first.strength], names[last.strength]
    return f"{label} at {len(cells)} strengths, {low} to {high}"


def count_seeds(curves: Curves, cells: Sequence[Cell]) -> str:
    most = max((len(cell.rows) for cell in cells), default=0)
    folds = any(run.split for run in curves.runs)
    unit = "seed" if not folds else "fold" if len({run.seed for run in curves.runs}) == 1 else "seed and fold"
    return f"one {unit}" if most == 1 else f"mean over {most} {unit.replace(' and', 's and')}s"


def find_ends(group: GroupCurves, cells: Sequence[Cell]) -> list[tuple[Cell, float]]:
    """The last mean of each cell that has one."""
    ends = []
    for cell, mean in zip(cells, group.mean, strict=True):
        present = mean[np.isfinite(mean)]
        if present.size:
            ends.append((cell, float(present[-1])))
    return ends


def describe_ends(ends: Sequence[tuple[Cell, float]], metric: Metric) -> str:
    """Where the lines end: best or highest, then the opposite, then the baseline."""
    swept = [(cell, value) for cell, value in ends if not cell.baseline]
    words = ("highest", "lowest") if metric.better != "low" else ("lowest", "highest")
    ordered = sorted(swept, key=lambda end: end[1], reverse=metric.better != "low")
    named = [ordered[0], ordered[-1]] if len(ordered) > 1 else ordered
    base = next((value for cell, value in ends if cell.baseline), None)
    *texts, beside = metric.format_all([*(value for _, value in named), math.nan if base is None else base])
    strengths = name_strengths(cell for cell, _ in ordered)
    parts = [
        f"{word}: {strengths[cell.strength]} with {own}"
        for word, (cell, _), own in zip(words, named, texts, strict=False)
    ]
    text = f" At the end {'; '.join(parts)}." if parts else ""
    return text + ("" if base is None else f" The baseline ends at {beside}.")


def name_strengths(cells: Iterable[Cell]) -> dict[float, str]:
    """``λ = 10⁻⁴`` for each strength of one regularizer, all distinct."""
    found = list(cells)
    key = found[0].regularizer if found else ""
    labels = format_strengths([cell.strength for cell in found], key)
    return {cell.strength: f"{get_symbol(key)} = {label}" for cell, label in zip(found, labels, strict=True)}


def _count_stopped(curves: Curves) -> str:
    count = sum(run.stopped for run in curves.runs)
    if not count:
        return ""
    return f" {count} run{'s' if count > 1 else ''} ended early; means continue with the last value."


def _count_diverged(curves: Curves) -> str:
    count = sum(run.diverged_epoch is not None for run in curves.runs)
    return "" if not count else f" {count} run{'s' if count > 1 else ''} diverged."
