"""Downsampling of curves that keeps their extremes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


def choose_points(curves: NDArray[np.floating], points: int) -> Index:
    """Indices of at most ``points`` entries of each curve that keep its shape, shape (M, k) for curves (M, E).

    The first and the last entry are kept; what lies between is cut into buckets and each gives its minimum and its
    maximum, in their order. Each row of the result is strictly increasing. Every curve's global extremes are kept.
    NaN is no extreme, so a gap narrower than a bucket may close; a gap of whole buckets stays a gap. Deterministic: on
    a tie the earliest entry is taken. Source: Steinarsson 2013, sec. 3 (min-max); as in M4.

    A bucket's width is a power of two and its place does not depend on E: a curve that grows keeps its choice but for
    the last bucket, until the width doubles. So what is drawn while it grows is what is drawn of the whole.

    Raises ValueError when ``points`` is below 4: two ends and one bucket.
    """
    if points < 4:
        raise ValueError(f"points must be at least 4, for the two ends and one bucket; received {points}")
    count, length = curves.shape
    if length <= points:
        return np.broadcast_to(np.arange(length), (count, length)).copy()
    inner = curves[:, 1:-1]
    width = _find_width(length - 2, points - 2)
    full = (length - 2) // width * width
    kept = [_choose_extremes(inner[:, :full].reshape(count, -1, width), np.arange(0, full, width))]
    if full < length - 2:
        kept.append(_choose_extremes(inner[:, None, full:], np.array([full])))
    ends = np.zeros((count, 1), dtype=np.int64)
    return np.concatenate([ends, *(1 + index for index in kept), ends + length - 1], axis=1)


def _find_width(entries: int, points: int) -> int:
    """The smallest power of two for which two points per bucket are at most ``points``."""
    width = 4
    while 2 * (entries // width) + min(entries % width, 2) > points:
        width *= 2
    return width


def _choose_extremes(buckets: NDArray[np.floating], starts: Index) -> Index:
    """The indices of minimum and maximum of buckets (M, B, W), ascending; shape (M, 2·B).

    A bucket of one entry gives that; where minimum and maximum coincide, an end of the bucket is added.
    """
    count, _, width = buckets.shape
    if width == 1:
        return np.broadcast_to(starts, (count, starts.size)).copy()
    missing = np.isnan(buckets)
    low = np.where(missing, np.inf, buckets).argmin(axis=2)
    high = np.where(missing, -np.inf, buckets).argmax(axis=2)
    high = np.where(low != high, high, np.where(low < width - 1, width - 1, 0))
    chosen: Index = starts[:, None] + np.sort(np.stack([low, high], axis=2), axis=2)
    return chosen.reshape(count, -1)
