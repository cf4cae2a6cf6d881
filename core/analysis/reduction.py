"""Fewer points for a curve, its extremes kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def choose_points(curves: NDArray[np.floating], points: int) -> NDArray[np.int64]:
    """Indices of at most ``points`` entries of each curve that keep its shape, shape (M, k) for curves (M, E).

    The first and the last entry are kept; what lies between is cut into equal buckets and each gives its minimum and
    its maximum, in their order. Each row of the result is strictly increasing. Every curve's global extremes are
    kept. NaN is no extreme, so a gap narrower than a bucket may close; a gap of whole buckets stays a gap.
    Deterministic: on a tie the earliest entry is taken. Source: Steinarsson 2013, sec. 3 (min-max); as in M4.

    Raises ValueError when ``points`` is below 4: two ends and one bucket.
    """
    if points < 4:
        raise ValueError(f"points must be at least 4, for the two ends and one bucket; received {points}")
    count, length = curves.shape
    if length <= points:
        return np.broadcast_to(np.arange(length), (count, length)).copy()
    buckets = (points - 2) // 2
    edges = 1 + (np.arange(buckets + 1) * (length - 2)) // buckets
    inner = _choose_inner(curves, edges)
    ends = np.zeros((count, 1), dtype=np.int64)
    return np.concatenate([ends, inner, ends + length - 1], axis=1)


def _choose_inner(curves: NDArray[np.floating], edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """The minimum and the maximum of each bucket [edges[i], edges[i + 1]), in their order; shape (M, 2 · buckets)."""
    width = int(np.diff(edges).max())
    # Buckets differ in width by at most one, so a short one is filled up with its own last entry.
    index = np.minimum(edges[:-1, None] + np.arange(width), edges[1:, None] - 1)
    cut = curves[:, index]
    missing = np.isnan(cut)
    low = np.where(missing, np.inf, cut).argmin(axis=2)
    high = np.where(missing, -np.inf, cut).argmax(axis=2)
    # Each bucket holds two entries or more, so an entry that is both extremes gets an end of its bucket for company.
    last = np.diff(edges) - 1
    high = np.where(low != high, high, np.where(low < last, last, 0))
    chosen: NDArray[np.int64] = edges[:-1, None] + np.sort(np.stack([low, high], axis=2), axis=2)
    return chosen.reshape(curves.shape[0], -1)
