"""Lines cut to the visible window and downsampled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.curves.downsampling import choose_points

Array = NDArray[np.float64]
_NOTHING = np.empty(0)


@dataclass(frozen=True)
class Line:
    """``x`` and ``y``: shape (k,); ``index``: their places in the whole line; ``total``: points before downsampling."""

    x: Array
    y: Array
    index: NDArray[np.int64]
    total: int


def cut_lines(
    x: Array, y: Array, lengths: NDArray[np.int64], points: int, window: tuple[float, float] | None
) -> list[Line]:
    """The lines of x and y, shape (M, T) with ``lengths`` entries each, at most ``points`` points each."""
    first, last = _find_window(x, window)
    lines = [Line(_NOTHING, _NOTHING, _NOTHING.astype(np.int64), 0)] * len(lengths)
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        stop = min(int(length), last)
        if stop <= first:
            continue
        chosen = first + choose_points(y[rows, first:stop], points)
        for row, index in zip(rows.tolist(), chosen, strict=True):
            lines[row] = Line(x[row, index], y[row, index], index, stop - first)
    return lines


def take_like(line: Line, y: Array) -> Line:
    """Another line y, shape (T,), at the points that ``line`` keeps."""
    return Line(line.x, y[line.index], line.index, line.total)


def _find_window(x: Array, window: tuple[float, float] | None) -> tuple[int, int]:
    """First and last (exclusive) entry within the window in any line, plus one neighbour on each side."""
    steps = x.shape[1]
    if window is None or not steps:
        return 0, steps
    with np.errstate(invalid="ignore"):
        inside = ((x >= window[0]) & (x <= window[1])).any(axis=0)
    if not inside.any():
        return 0, steps
    found = np.flatnonzero(inside)
    return max(int(found[0]) - 1, 0), min(int(found[-1]) + 2, steps)
