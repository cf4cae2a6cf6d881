"""Statistics of cells along their curves: mean and band over seeds, from all runs of the cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.figures.data import Cell, Curves

# Below this a deviation says more about luck than about the spread.
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
    """Mean and deviation of each cell, point by point over the runs that have a value there.

    A run that stopped counts with its last value as long as another of its cell goes on, so that no mean steps where
    it ends. A run that diverged counts up to its last value and no further, so there a mean may step.
    """
    values = curves.metrics[metric]
    steps = values.shape[1] if values.ndim == 2 else 0
    x, mean, deviation = (np.full((len(cells), steps), np.nan) for _ in range(3))
    lengths = np.zeros(len(cells), dtype=np.int64)
    for index, cell in enumerate(cells):
        lengths[index] = curves.lengths[cell.rows].max(initial=0)
        mean[index], deviation[index] = _summarize(_hold(curves, values, cell.rows, int(lengths[index])))
        # Where a run ends, the mean of the others' seconds may lie before that of all.
        x[index] = np.fmax.accumulate(_average(curves.x[cell.rows]))
        x[index, lengths[index] :] = np.nan
    return GroupCurves(x, mean, deviation, lengths)


def _hold(curves: Curves, values: NDArray[np.float64], rows: Sequence[int], stop: int) -> NDArray[np.float64]:
    """The values of these rows, those of a stopped run filled up to ``stop`` with its last one."""
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
