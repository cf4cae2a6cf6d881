"""Ranges of axes, robust to diverging runs."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# The range is at most this many times the span of typical curves.
MOST = 6.0
_MARGIN = 0.04
# The share of runs that counts as typical.
_TYPICAL = 0.7
_LEAVE = 0.3
# Decades of a log axis at most: further down a loss is practically 0.
_DECADES = 6.0
# Ends lie at multiples of a step, at least so many to a range: axes do not change with every epoch.
_STEPS = 20
# The largest float, so that a range is finite even where its margin is not.
GREATEST = float(np.finfo(np.float64).max)


def find_range(
    curves: Array,
    *,
    baseline: NDArray[np.bool_] | None = None,
    sound: NDArray[np.bool_] | None = None,
    log: bool = False,
    most: float = MOST,
    share: bool = False,
) -> list[float]:
    """The y-range of a row of charts, [low, high]; on a log axis in powers of ten.

    ``curves``, shape (M, T), has NaN for gaps; ``baseline`` and ``sound``, shape (M,), say which are the baseline's and
    which did not diverge (all, where not given). All curves are shown, unless that takes ``most`` times what the sound
    ones typically span, the baseline included: then the range is that, and a little more to see the others leave it.
    Shares are all shown, and no axis of theirs leaves [0, 1].
    """
    lows, highs, kept = _find_extremes(curves, log)
    if not lows.size:
        return [-1.0, 0.0] if log else [0.0, 1.0]
    low, high = float(lows.min()), float(highs.max())
    if not share:
        ordinary = np.ones(lows.size, dtype=bool) if sound is None or not sound[kept].any() else sound[kept]
        reference = ordinary & (False if baseline is None else baseline[kept])
        low, high = _cut_wild(lows, highs, ordinary, reference, most)
    if log:
        low = max(low, high - _DECADES)
    low, high = add_room(low, high)
    if share:
        low, high = (min(low, 0.0), min(high, 0.0)) if log else (max(low, 0.0), min(high, 1.0))
    return [low, high]


def _cut_wild(
    lows: Array, highs: Array, ordinary: NDArray[np.bool_], reference: NDArray[np.bool_], most: float
) -> tuple[float, float]:
    typical_low = min([float(np.quantile(lows[ordinary], 1 - _TYPICAL)), *lows[reference].tolist()])
    typical_high = max([float(np.quantile(highs[ordinary], _TYPICAL)), *highs[reference].tolist()])
    span = typical_high - typical_low or abs(typical_high) or 1.0
    low, high = float(lows.min()), float(highs.max())
    if high - low <= most * span:
        return low, high
    return max(low, typical_low - _LEAVE * span), min(high, typical_high + _LEAVE * span)


def add_room(low: float, high: float) -> tuple[float, float]:
    """[low, high] with a margin, rounded to multiples of a round step."""
    room = _MARGIN * ((high - low) or abs(high) or 1.0)
    low, high = low - room, high + room
    wanted = (high - low) / _STEPS
    if not 1e-300 < wanted < 1e300:
        return max(low, -GREATEST), min(high, GREATEST)
    decade = 10.0 ** math.floor(math.log10(wanted))
    step = next(decade * factor for factor in (5, 2, 1) if decade * factor <= wanted)
    digits = max(0, 1 - math.floor(math.log10(step)))
    return round(math.floor(low / step) * step, digits), round(math.ceil(high / step) * step, digits)


def _find_extremes(curves: Array, log: bool) -> tuple[Array, Array, NDArray[np.int64]]:
    """Minimum and maximum of every curve with a usable value, and the rows of these curves."""
    usable = np.isfinite(curves) & (curves > 0) if log else np.isfinite(curves)
    kept = np.flatnonzero(usable.any(axis=1)) if curves.size else np.empty(0, dtype=np.int64)
    values = np.log10(np.where(usable, curves, 1.0)) if log else curves
    low = np.where(usable, values, np.inf)[kept].min(axis=1, initial=np.inf)
    high = np.where(usable, values, -np.inf)[kept].max(axis=1, initial=-np.inf)
    return low, high, kept


def count_outside(curves: Array, low: float, high: float) -> int:
    """How many curves, shape (M, T), leave [low, high]."""
    with np.errstate(invalid="ignore"):
        return int(((curves < low) | (curves > high)).any(axis=1).sum())


def count_below(curves: Array, low: float) -> int:
    """How many curves, shape (M, T), have a value below 10^``low``, such as 0."""
    return count_outside(to_powers(curves), low, np.inf)


def to_powers(values: Array) -> Array:
    """log10 of the values; −∞ for 0 and less, NaN stays.

    Comparisons use powers, not 10^power, which underflows or overflows near the limits of floats.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values <= 0, -np.inf, np.log10(values))
