"""Ranges of an axis that one diverging run cannot squash."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_MARGIN = 0.04
# The share of runs that is taken to be ordinary.
_TYPICAL = 0.7
# In decades: below this a loss is 0 for the eye, and a log axis would show nothing but its floor.
_DECADES = 6.0


def find_range(groups: Sequence[tuple[NDArray[np.float64], bool]], *, log: bool = False) -> list[float]:
    """The y-range of a row of charts, [low, high]; on a log axis in powers of ten.

    ``groups`` are curves, shape (M, T) with NaN for gaps, and whether they are the baseline's. What a typical run and
    the baseline span is always shown; runs that go further may widen the range by that span on each side, no more.
    """
    lows, highs, reference = _find_extremes(groups, log)
    if not lows.size:
        return [-1.0, 0.0] if log else [0.0, 1.0]
    typical_low = min([float(np.quantile(lows, 1 - _TYPICAL)), *lows[reference].tolist()])
    typical_high = max([float(np.quantile(highs, _TYPICAL)), *highs[reference].tolist()])
    span = typical_high - typical_low or abs(typical_high) or 1.0
    low = max(float(lows.min()), typical_low - span)
    high = min(float(highs.max()), typical_high + span)
    if log:
        low = max(low, high - _DECADES)
    room = _MARGIN * ((high - low) or abs(high) or 1.0)
    return [round(low - room, 6), round(high + room, 6)]


def _find_extremes(
    groups: Sequence[tuple[NDArray[np.float64], bool]], log: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """The least and the greatest value of every curve that has one, and whether it is the baseline's."""
    lows, highs, reference = [], [], []
    for curves, baseline in groups:
        if not curves.size:
            continue
        usable = np.isfinite(curves) & (curves > 0) if log else np.isfinite(curves)
        kept = usable.any(axis=1)
        values = np.log10(np.where(usable, curves, 1.0)) if log else curves
        lows.append(np.where(usable, values, np.inf).min(axis=1)[kept])
        highs.append(np.where(usable, values, -np.inf).max(axis=1)[kept])
        reference.append(np.full(int(kept.sum()), baseline))
    if not lows:
        return np.empty(0), np.empty(0), np.empty(0, dtype=bool)
    return np.concatenate(lows), np.concatenate(highs), np.concatenate(reference)


def count_outside(curves: NDArray[np.float64], low: float, high: float) -> int:
    """How many curves, shape (M, T), leave [low, high]."""
    with np.errstate(invalid="ignore"):
        return int(((curves < low) | (curves > high)).any(axis=1).sum())
