"""Axes of charts over the strength: places of strengths, ranges, ticks."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from backend.figures.axes.colour_scale import MAJOR_TICKS, ColourScale, is_decade
from backend.figures.axes.ranges import GREATEST, to_powers
from core.analysis.formatting import format_strength

# The slot of λ = 0 lies this many decades left of the smallest strength.
_SLOT_DECADES = 0.75
_MARGIN = 0.05
# The share of dots that counts as typical, and the most that the range exceeds their span.
_TYPICAL = 0.7
_MOST = 6.0
_LEAVE = 0.3
# Means that differ by more than this factor need a log axis.
_FACTOR = 30.0


def place_strength(strength: float, scale: ColourScale) -> float:
    """A strength's place on its axis: log10 λ, with λ = 0 in a slot left of the smallest; a probability itself."""
    if scale.kind == "linear":
        return strength
    if strength > 0:
        return math.log10(strength)
    positive = [tick.strength for tick in scale.ticks if tick.strength > 0]
    return (math.log10(min(positive)) if positive else 0.0) - _SLOT_DECADES


def find_extent(scale: ColourScale) -> list[float]:
    """The range of an axis of strengths, with a margin."""
    places = [place_strength(tick.strength, scale) for tick in scale.ticks]
    if not places:
        return [-1.0, 1.0]
    room = 0.06 * (max(places) - min(places)) or 0.5
    return [min(places) - room, max(places) + room]


def make_strength_axis(scale: ColourScale) -> dict[str, Any]:
    """The axis of strengths, with ticks at decades and at labelled strengths."""
    labels = {place_strength(tick.strength, scale): tick.label for tick in scale.ticks if tick.major}
    labels = {**_list_decades(scale), **labels}
    return {
        "range": find_extent(scale),
        "tickvals": sorted(labels),
        "ticktext": [html.escape(labels[place]) for place in sorted(labels)],
        "title": {"text": html.escape(scale.title), "standoff": 6},
    }


def _list_decades(scale: ColourScale) -> dict[float, str]:
    """Labels of the decades within the range, by place, except those that are strengths themselves."""
    positive = [tick.strength for tick in scale.ticks if tick.strength > 0]
    if scale.kind == "linear" or not positive:
        return {}
    own = {round(math.log10(s)) for s in positive if is_decade(s)}
    low, high = (math.log10(pick(positive)) for pick in (min, max))
    powers = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    if len(powers) < 2:
        return {}
    powers = powers[:: 1 + (len(powers) - 1) // MAJOR_TICKS]
    return {float(power): format_strength(10.0**power, scale.regularizer) for power in powers if power not in own}


def find_value_range(means: Sequence[float], dots: Sequence[float], *, share: bool, log: bool) -> list[float]:
    """The range of the values, [low, high], in powers of ten on a log axis: every mean is in it.

    ``dots`` are the runs' own values: those that would squash the means and most dots to a sixth are left outside.
    ``share``: the values lie between 0 and 1, and so does the range.
    """
    kept, own = (_take(values, log) for values in (means, dots))
    if not kept.size:
        return [-1.0, 0.0] if log else [0.0, 1.0]
    inner = np.quantile(own, [(1 - _TYPICAL) / 2, (1 + _TYPICAL) / 2]) if own.size else kept
    low, high = min(kept.min(), inner.min()), max(kept.max(), inner.max())
    # Near the limits of floats a span is infinite; the range must not be.
    with np.errstate(over="ignore"):
        span = (high - low) or abs(high) or 1.0
        full_low, full_high = own.min(initial=low), own.max(initial=high)
        if full_high - full_low > _MOST * span:
            full_low, full_high = max(full_low, low - _LEAVE * span), min(full_high, high + _LEAVE * span)
        room = _MARGIN * ((full_high - full_low) or abs(full_high) or 1.0)
        found = np.clip([full_low - room, full_high + room], -GREATEST, GREATEST).tolist()
    return [max(found[0], 0.0), min(found[1], 1.0)] if share and not log else found


def wants_log(means: Sequence[float]) -> bool:
    """Whether the means span too much for a linear axis."""
    positive = [mean for mean in means if mean > 0]
    return len(positive) == len(means) > 0 and max(positive) > _FACTOR * min(positive)


def count_beyond(values: Sequence[float], extent: Sequence[float], *, log: bool) -> int:
    """How many values are outside the range; the range of a log axis is in powers of ten."""
    array = np.asarray(values, dtype=np.float64)
    placed = to_powers(array) if log else array
    return int(((placed < extent[0]) | (placed > extent[1])).sum())


def _take(values: Sequence[float], log: bool) -> np.ndarray[Any, np.dtype[np.float64]]:
    array = np.asarray(values, dtype=np.float64)
    return np.log10(array[array > 0]) if log else array
