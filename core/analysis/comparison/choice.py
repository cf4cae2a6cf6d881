"""Which cell of an experiment is compared: the baseline, a regularizer's strength, or the best of all."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from operator import eq, ne

import numpy as np

from core.analysis.cells import Cell, is_equal, is_sound
from core.analysis.comparison.arms import Arm
from core.analysis.cross_fitting import Replicate, Vector
from core.analysis.design import Design
from core.analysis.formatting import is_cap
from core.analysis.selection import Metric, read_mean
from core.spec import BASELINE

# The subject of a comparison that is no regularizer: whatever validation puts first in each experiment.
BEST = "best"
# By (regularizer, strength), by replicate.
Replicates = Mapping[tuple[str, float], Mapping[Hashable, Replicate]]


@dataclass(frozen=True)
class Choice:
    """``cell``: chosen on validation of ``tried`` cells; ``arm``: its test outcomes.

    ``fitted``: outcomes where each replicate takes the cell that the others chose, free of the choice's luck. Where
    test examples are drawn anew from the same data some of a replicate's chose for the others: then there is a second
    arm, of its own choice, which did not see them, and the one counts that shows less.
    """

    cell: Cell
    tried: int
    arm: Arm
    fitted: tuple[Arm, ...]


def choose_cell(
    cells: Sequence[Cell], replicates: Replicates, subject: str, metric: Metric, design: Design
) -> Choice | None:
    """None where the experiment has no such cell, or each has a diverged or failed run or no value yet."""
    own = [cell for cell in cells if subject in (cell.regularizer, BEST)]
    sound = [cell for cell in own if is_sound(cell) and read_mean(cell, metric) is not None]
    sound = [cell for cell in sound if not cell.stopped] or sound
    if not sound:
        return None
    ordered = sorted(sound, key=_weaken)
    best = _find_best([_read(cell, metric) for cell in ordered])
    runs = [replicates.get((cell.regularizer, cell.strength), {}) for cell in ordered]
    arm = _list_tested(runs[best])
    ways = (ne, eq) if design.is_nested and design.correction else (ne,)
    fitted = tuple(_cross_fit(runs, way) for way in ways) if len(sound) > 1 else (arm,) * len(ways)
    return Choice(ordered[best], len(own), arm, fitted)


def _weaken(cell: Cell) -> tuple[bool, float]:
    """A sort key: the baseline, then from the strongest to the weakest."""
    return cell.regularizer != BASELINE, cell.strength if is_cap(cell.regularizer) else -cell.strength


def _read(cell: Cell, metric: Metric) -> float:
    mean = read_mean(cell, metric)
    assert mean is not None
    return mean


def _find_best(means: Sequence[float]) -> int:
    """The index of the first that is as good as the best."""
    highest = max(means)
    return next(index for index, mean in enumerate(means) if is_equal(mean, highest))


def _list_tested(runs: Mapping[Hashable, Replicate]) -> dict[Hashable, Vector]:
    return {name: run.outcomes for name, run in runs.items() if run.outcomes is not None}


def _cross_fit(
    path: Sequence[Mapping[Hashable, Replicate]], chooses: Callable[[Hashable, Hashable], bool]
) -> dict[Hashable, Vector]:
    """``path``: the runs of each cell by replicate, in the order that decides ties.

    ``chooses``: whether the one replicate has a say in the other's choice.
    """
    fitted = {}
    for replicate in dict.fromkeys(name for runs in path for name in runs):
        others = [[run.validation for name, run in runs.items() if chooses(name, replicate)] for runs in path]
        known = [(float(np.mean(values)), runs) for values, runs in zip(others, path, strict=True) if values]
        if not known:
            continue
        chosen = known[_find_best([mean for mean, _ in known])][1].get(replicate)
        if chosen is not None and chosen.outcomes is not None:
            fitted[replicate] = chosen.outcomes
    return fitted
