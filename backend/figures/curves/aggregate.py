"""Mean and deviation of cells over their seeds, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.figures.data import Cell, Curves

# With fewer seeds no band is drawn.
BAND_SEEDS = 3


@dataclass(frozen=True)
class GroupCurves:
    """One line per cell: x, mean and deviation have shape (C, T), lengths (C,); NaN where no run has a value.

    The deviation (over seeds, ddof 1) is NaN where fewer than BAND_SEEDS runs have a value.
    """

    x: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    lengths: NDArray[np.int64]


def summarize_curves(curves: Curves, metric: str, cells: Sequence[Cell]) -> GroupCurves:
    """Mean and deviation of each cell, at each point over the runs with a value there.

    A run that ended early counts with its last value while others of its cell continue, so that the mean does not jump.
    A diverged run counts only up to its last value, so there the mean may jump.
    """
    values = curves.metrics[metric]
    steps = values.shape[1] if values.ndim == 2 else 0
    x, mean, deviation = (np.full((len(cells), steps), np.nan) for _ in range(3))
    lengths = np.zeros(len(cells), dtype=np.int64)
    for index, cell in enumerate(cells):
        lengths[index] = curves.lengths[cell.rows].max(initial=0)
        mean[index], deviation[index] = _summarize(_hold(curves, values, cell.rows, int(lengths[index])))
        # Where a run ends, the mean of the others' seconds may be smaller than before.
        x[index] = np.fmax.accumulate(_average(curves.x[cell.rows]))
        x[index, lengths[index] :] = np.nan
    return GroupCurves(x, mean, deviation, lengths)


def _hold(curves: Curves, values: NDArray[np.float64], rows: Sequence[int], stop: int) -> NDArray[np.float64]:
    """The values of these rows; those of an early-ended run are filled up to ``stop`` with its last value."""
    kept = values[rows]
    for own, row in zip(kept, rows, strict=True):
        length = curves.lengths[row]
        if curves.runs[row].stopped and 0 < length < stop:
            own[length:stop] = own[length - 1]
    return kept


def _average(values: NDArray[np.float64]) -> NDArray[np.float64]:
    present = np.isfinite(values)
    count = present.sum(axis=0)
    total = np.where(present, values, 0.0).sum(axis=0)
    mean: NDArray[np.float64] = np.full(values.shape[1], np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def _summarize(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    present = np.isfinite(values)
    count = present.sum(axis=0)
    mean = _average(values)
    # A run on its way to divergence may hold values whose squares exceed float64.
    with np.errstate(over="ignore", invalid="ignore"):
        squares = (np.where(present, values - mean, 0.0) ** 2).sum(axis=0)
        variance = np.divide(squares, count - 1, out=np.full(mean.shape, np.nan), where=count >= BAND_SEEDS)
        return mean, np.sqrt(variance)
