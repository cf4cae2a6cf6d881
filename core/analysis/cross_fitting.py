"""Cross-fitting: each replicate is judged at the strength that the other replicates chose.

A run's luck is in its validation and in its test outcomes alike, since both are of the same weights. So the best of
many strengths on validation is better on test too, for these very runs, even where the regularizer does nothing. A
choice that did not see a replicate knows nothing of its luck (Chernozhukov et al. 2018, Econom. J. 21:C1).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analysis.cells import is_equal
from core.analysis.crossed_interval import CrossedDifference, compare
from core.analysis.design import FIXED, Design
from core.analysis.formatting import is_cap

Vector = NDArray[np.floating | np.bool_]


@dataclass(frozen=True)
class Replicate:
    """One run: its metric on validation, larger is better, and on each test example (I,), None before the test."""

    validation: float
    outcomes: Vector | None


# By strength, by replicate.
Path = Mapping[float, Mapping[Hashable, Replicate]]


def compare_cross_fitted(
    path: Path, baseline: Mapping[Hashable, Replicate], regularizer: str, design: Design = FIXED
) -> CrossedDifference | None:
    """The difference on test over the replicates for which others chose; None where there are none.

    Where test examples are drawn anew from the same data, some of a replicate's chose for the others. Its own choice
    did not see them, so of the two differences the one counts that shows less. ``path``: of the strengths that can be
    chosen.
    """
    fitted = _compare(path, baseline, design, lambda name: _choose(path, regularizer, lambda other: other != name))
    if not design.is_nested or not design.correction:
        return fitted
    own = _compare(path, baseline, design, lambda name: _choose(path, regularizer, lambda other: other == name))
    found = [each for each in (fitted, own) if each is not None]
    return max(found, key=lambda each: 1.0 if each.interval is None else each.interval.p, default=None)


def _compare(
    path: Path, baseline: Mapping[Hashable, Replicate], design: Design, choose: Callable[[Hashable], float | None]
) -> CrossedDifference | None:
    rows = []
    for replicate, other in baseline.items():
        strength = choose(replicate)
        own = None if strength is None else path[strength].get(replicate)
        if own is not None and own.outcomes is not None and other.outcomes is not None:
            rows.append(own.outcomes.astype(np.float64) - other.outcomes.astype(np.float64))
    return compare(np.stack(rows), design) if rows else None


def _choose(path: Path, regularizer: str, chooses: Callable[[Hashable], bool]) -> float | None:
    """The strength with the best mean of the replicates that choose; of equal ones the strongest."""
    means = {}
    for strength in sorted(path, reverse=not is_cap(regularizer)):
        validations = [each.validation for name, each in path[strength].items() if chooses(name)]
        if validations:
            means[strength] = float(np.mean(validations))
    best = max(means.values(), default=None)
    return None if best is None else next(s for s, mean in means.items() if is_equal(mean, best))
