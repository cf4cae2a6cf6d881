"""The input of figures: curves of runs, and the style to draw them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.analysis.formatting import Task
from core.spec import BASELINE

Axis = Literal["epoch", "seconds"]
Seeds = Literal["all", "mean"]


@dataclass(frozen=True)
class RunKey:
    """What a chart needs to know of a run."""

    id: int
    regularizer: str
    strength: float
    seed: int
    diverged_epoch: int | None = None
    stopped_epoch: int | None = None
    stopped_by: str | None = None
    split: int = 0

    @property
    def baseline(self) -> bool:
        return self.regularizer == BASELINE

    @property
    def stopped(self) -> bool:
        """Whether it ended early without diverging; its last value then counts for later epochs."""
        return self.stopped_epoch is not None and self.diverged_epoch is None


@dataclass(frozen=True)
class Curves:
    """The curves of ``runs``: ``x`` and each metric have shape (M, T), padded with NaN after ``lengths``, shape (M,).

    Every x below a run's length is finite; y is NaN where the run has no value there.
    """

    runs: tuple[RunKey, ...]
    x: NDArray[np.float64]
    metrics: Mapping[str, NDArray[np.float64]]
    lengths: NDArray[np.int64]

    def select(self, rows: Sequence[int]) -> Curves:
        """The curves of these rows, in this order."""
        index = np.asarray(rows, dtype=np.int64)
        return Curves(
            tuple(self.runs[i] for i in rows),
            self.x[index],
            {name: values[index] for name, values in self.metrics.items()},
            self.lengths[index],
        )


@dataclass(frozen=True)
class Style:
    """How a chart is drawn.

    ``points``: maximum per line. ``window``: the visible range of x; one neighbour beyond each end is drawn too.
    ``ended``: no point is to come, so axes end with the curves. ``span``: strengths that the colours span besides those
    of the curves.
    """

    task: Task = "classification"
    axis: Axis = "epoch"
    seeds: Seeds = "all"
    smoothing: float = 0.0
    points: int = 400
    window: tuple[float, float] | None = None
    ended: bool = False
    span: tuple[float, ...] = ()


@dataclass(frozen=True)
class Cell:
    """The rows of one (regularizer, strength) within Curves."""

    regularizer: str
    strength: float
    rows: list[int] = field(default_factory=list)

    @property
    def baseline(self) -> bool:
        return self.regularizer == BASELINE


def group_cells(runs: Sequence[RunKey]) -> list[Cell]:
    """Cells by rising strength, the baseline last, to be drawn on top."""
    cells: dict[tuple[str, float], Cell] = {}
    for row, run in enumerate(runs):
        key = (run.regularizer, run.strength)
        cells.setdefault(key, Cell(*key)).rows.append(row)
    return sorted(cells.values(), key=lambda cell: (cell.baseline, cell.regularizer, cell.strength))
