"""What a chart shows, in words: for those who do not see it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backend.figures.data import Axis, Cell, Curves
from backend.figures.group import summarize_curves
from backend.figures.metrics import Metric
from core.analysis.notation import label_regularizer, name_strength


def describe_lines(curves: Curves, metric: Metric, cells: Sequence[Cell], axis: Axis) -> str:
    """One chart of lines: what is on it, and where its lines end."""
    ends = find_ends(curves, metric.name, cells)
    regularized = [cell for cell in cells if not cell.baseline]
    parts = [f"{metric.title} over {_name_axis(curves, axis)}"]
    if regularized:
        parts.append(f" of {name_sweep(regularized)}, beside the baseline")
    else:
        parts.append(" of the baseline")
    parts.append(f"; {count_seeds(curves, cells)}.")
    if not ends:
        return "".join(parts) + " No epoch is finished yet."
    return "".join(parts) + describe_ends(ends, metric) + _count_stopped(curves) + _count_diverged(curves)


def _name_axis(curves: Curves, axis: Axis) -> str:
    if axis == "seconds":
        return "seconds of training"
    last = float(np.nanmax(curves.x)) if np.isfinite(curves.x).any() else 0
    return f"{last:,.0f} epochs"


def name_sweep(cells: Sequence[Cell]) -> str:
    """``L1 at 18 strengths, λ = 10⁻⁶ to λ = 10⁻¹``."""
    label, first, last = label_regularizer(cells[0].regularizer), cells[0], cells[-1]
    if len(cells) == 1:
        return f"{label} at {name_strength(first.regularizer, first.strength)}"
    low, high = (name_strength(cell.regularizer, cell.strength) for cell in (first, last))
    return f"{label} at {len(cells)} strengths, {low} to {high}"


def count_seeds(curves: Curves, cells: Sequence[Cell]) -> str:
    most = max((len(cell.rows) for cell in cells), default=0)
    return "one seed" if most == 1 else f"mean over {most} seeds"


def find_ends(curves: Curves, metric: str, cells: Sequence[Cell]) -> list[tuple[Cell, float]]:
    """The last value of the mean of each cell that has one."""
    means = summarize_curves(curves, metric, cells).mean
    ends = []
    for cell, mean in zip(cells, means, strict=True):
        present = mean[np.isfinite(mean)]
        if present.size:
            ends.append((cell, float(present[-1])))
    return ends


def describe_ends(ends: Sequence[tuple[Cell, float]], metric: Metric) -> str:
    """Where the lines end: the best or the greatest first, the other end, the baseline."""
    swept = [(cell, value) for cell, value in ends if not cell.baseline]
    words = ("highest", "lowest") if metric.better != "low" else ("lowest", "highest")
    text = ""
    if swept:
        ordered = sorted(swept, key=lambda end: end[1], reverse=metric.better != "low")
        text = f" At the end {words[0]}: {_name_end(ordered[0], metric)}"
        text += f"; {words[1]}: {_name_end(ordered[-1], metric)}" if len(ordered) > 1 else ""
        text += "."
    base = next((value for cell, value in ends if cell.baseline), None)
    return text + ("" if base is None else f" The baseline ends at {metric.format(base)}.")


def _name_end(end: tuple[Cell, float], metric: Metric) -> str:
    cell, value = end
    return f"{name_strength(cell.regularizer, cell.strength)} with {metric.format(value)}"


def _count_stopped(curves: Curves) -> str:
    count = sum(run.stopped for run in curves.runs)
    if not count:
        return ""
    return f" {count} run{'s' if count > 1 else ''} stopped before the last epoch; a mean goes on with the last value."


def _count_diverged(curves: Curves) -> str:
    count = sum(run.diverged_epoch is not None for run in curves.runs)
    return "" if not count else f" {count} run{'s' if count > 1 else ''} diverged."
