"""Ranges of an axis that one diverging run cannot squash."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# How far curves may squash the typical ones before they are cut off.
MOST = 6.0
_MARGIN = 0.04
# The share of runs that is taken to be ordinary.
_TYPICAL = 0.7
_LEAVE = 0.3
# In decades: below this a loss is 0 for the eye, and a log axis would show nothing but its floor.
_DECADES = 6.0


def find_range(
    curves: Array,
    *,
    baseline: NDArray[np.bool_] | None = None,
    sound: NDArray[np.bool_] | None = None,
    log: bool = False,
    most: float = MOST,
) -> list[float]:
    """The y-range of a row of charts, [low, high]; on a log axis in powers of ten.

    ``curves``, shape (M, T), has NaN for gaps; ``baseline`` and ``sound``, shape (M,), say which are the baseline's and
    which did not diverge (all, where not given). All curves are shown, unless that takes ``most`` times what the sound
    ones typically span, the baseline included: then the range is that, and a little more to see the others leave it.
    """
    lows, highs, kept = _find_extremes(curves, log)
    if not lows.size:
        return [-1.0, 0.0] if log else [0.0, 1.0]
    ordinary = np.ones(lows.size, dtype=bool) if sound is None or not sound[kept].any() else sound[kept]
    reference = ordinary & (False if baseline is None else baseline[kept])
    typical_low = min([float(np.quantile(lows[ordinary], 1 - _TYPICAL)), *lows[reference].tolist()])
    typical_high = max([float(np.quantile(highs[ordinary], _TYPICAL)), *highs[reference].tolist()])
    span = typical_high - typical_low or abs(typical_high) or 1.0
    low, high = float(lows.min()), float(highs.max())
    if high - low > most * span:
        low, high = max(low, typical_low - _LEAVE * span), min(high, typical_high + _LEAVE * span)
    if log:
        low = max(low, high - _DECADES)
    room = _MARGIN * ((high - low) or abs(high) or 1.0)
    return [round(low - room, 6), round(high + room, 6)]


def _find_extremes(curves: Array, log: bool) -> tuple[Array, Array, NDArray[np.int64]]:
    """The least and the greatest value of every curve that has one, and the rows of these curves."""
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
