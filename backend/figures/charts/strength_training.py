"""Beside the validation means over the strength: the training means, the gap between both, test at the chosen one.

Test is drawn at the chosen strength alone: drawn along the path it would invite to choose by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backend.figures.axes.colour_scale import NEUTRAL, ColourScale
from backend.figures.axes.strength_frame import place_strength
from backend.figures.charts.strength_choice import list_standard_errors
from backend.figures.data import RunKey
from backend.figures.metrics import Metric
from core.analysis.selection import Selection

_SHADE = "rgba(124,124,124,0.13)"
_VALIDATION = "validation_"
Values = Sequence[tuple[RunKey, float]]


def name_part(metric: Metric, part: str) -> str | None:
    """The same metric of another part of the data; None for one that is not of validation."""
    return part + metric.name.removeprefix(_VALIDATION) if metric.name.startswith(_VALIDATION) else None


def average(values: Values) -> dict[float, float]:
    """The mean of each strength, by rising strength."""
    strengths = sorted({run.strength for run, _ in values})
    return {s: float(np.mean([value for run, value in values if run.strength == s])) for s in strengths}


def draw_training(training: Values, validation: Values, metric: Metric, scale: ColourScale) -> list[dict[str, Any]]:
    """The shaded gap, and the training means with standard errors over it; nothing where there is no training mean."""
    if not training:
        return []
    means, others = average(training), average(validation)
    both = [strength for strength in means if strength in others]
    places = [place_strength(strength, scale) for strength in both]
    shade = {
        "kind": "gap",
        "x": [*places, *places[::-1]],
        "y": [means[s] for s in both] + [others[s] for s in both[::-1]],
        "mode": "lines", "line": {"color": NEUTRAL, "width": 0}, "fill": "toself", "fillcolor": _SHADE,
    }  # fmt: skip
    line = {
        "kind": "train",
        "x": [place_strength(strength, scale) for strength in means],
        "y": list(means.values()),
        "mode": "lines+markers",
        "line": {"color": NEUTRAL, "width": 1.5, "dash": "2px,2px"},
        "marker": {"size": 5, "color": NEUTRAL, "symbol": "square"},
        "error_y": {
            "type": "data", "array": list_standard_errors(training, metric, scale), "color": NEUTRAL,
            "thickness": 1, "width": 2,
        },
        "meta": {"strengths": list(means)},
    }  # fmt: skip
    return [shade, line]


def average_test(runs: Sequence[RunKey], tests: Mapping[int, float], choice: Selection | None) -> float | None:
    """The mean on test at λ_min; None before each of its runs has one."""
    if choice is None:
        return None
    own = [run for run in runs if not run.baseline and run.strength == choice.minimum.strength]
    values = [tests[run.id] for run in own if run.id in tests]
    return float(np.mean(values)) if own and len(values) == len(own) else None


def draw_test(mean: float | None, choice: Selection | None, scale: ColourScale) -> list[dict[str, Any]]:
    if mean is None or choice is None:
        return []
    strength = choice.minimum.strength
    return [
        {
            "kind": "test",
            "x": [place_strength(strength, scale)],
            "y": [mean],
            "mode": "markers",
            "marker": {
                "size": 15, "symbol": "diamond-open", "color": scale.colour(strength), "line": {"width": 2.5},
            },
            "meta": {"strengths": [strength]},
        }
    ]  # fmt: skip
