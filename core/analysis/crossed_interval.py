"""The mean of a matrix of differences, replicates × test examples, with an interval for both as samples.

The readers × cases of medical imaging: Obuchowski & Rockette 1995; Hillis 2007, Stat. Med. 26:596; degrees of freedom
as Satterthwaite 1946. An interval over the replicates alone forgets the test set's own luck.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from core.analysis.design import Design

Matrix = NDArray[np.float64]

# Of a two-sided interval at 95 %, and of a difference that is called one.
TAIL, SIGNIFICANCE = 0.025, 0.05
NORMAL = 1.959963984540054
# Mean squares below this share of the largest squared difference are what rounding leaves of 0.
_ROUNDING = 1e-24


@dataclass(frozen=True)
class VarianceComponents:
    """Variances of one difference: from its replicate, from its example, and the rest; none is negative.

    ``correction``: see ``Design``; it is what no number of replicates takes away.
    """

    replicate: float
    example: float
    rest: float
    correction: float = 0.0

    def project_half_width(self, replicates: float, examples: float) -> float:
        """Half the width of a 95 % interval with so many of each; ``math.inf`` is a number too. Normal, so a forecast.

        By the components of this sample, whose own error it does not know.
        """
        shared = (self.replicate + self.rest / examples) * (1 / replicates + self.correction)
        return NORMAL * math.sqrt(shared + self.example / examples)


@dataclass(frozen=True)
class Interval:
    """95 %, two-sided; ``p``: of the hypothesis that the difference is 0. ``degrees``: of freedom."""

    low: float
    high: float
    p: float
    standard_error: float
    degrees: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class CrossedDifference:
    """``interval``: None below two replicates or two examples, and where all differences are the same number."""

    mean: float
    replicates: int
    examples: int
    interval: Interval | None = None
    components: VarianceComponents | None = None

    @property
    def is_tie(self) -> bool:
        """Whether no single outcome differs."""
        return self.mean == 0 and self.interval is None and self.components == VarianceComponents(0, 0, 0)


def compare(differences: Matrix, design: Design) -> CrossedDifference:
    """As ``compare_crossed`` or ``compare_nested``."""
    ways = compare_nested if design.is_nested else compare_crossed
    return ways(differences, design.correction)


def compare_crossed(differences: Matrix, correction: float = 0.0) -> CrossedDifference:
    """``differences``: (K, I), of K replicates on the same I test examples. Raises ValueError where they are not.

    ``correction``: see ``Design``; the mean square of replicates counts 1 + K · correction times.
    """
    _check(differences)
    count, examples = differences.shape
    mean = float(differences.mean())
    if not np.ptp(differences):
        return CrossedDifference(mean, count, examples, components=VarianceComponents(0, 0, 0))
    if count < 2 or examples < 2:
        return CrossedDifference(mean, count, examples)
    squares = _compute_mean_squares(differences)
    widened = replace(squares, replicate=squares.replicate * (1 + count * correction))
    interval = _make_interval(mean, widened, count, examples)
    return CrossedDifference(
        mean, count, examples, interval, _estimate_components(squares, count, examples, correction)
    )


def compare_nested(differences: Matrix, correction: float = 0.0) -> CrossedDifference:
    """``differences``: (K, I), of K replicates, each on I test examples of its own: their means carry everything.

    Raises ValueError as ``compare_crossed``.
    """
    _check(differences)
    count, examples = differences.shape
    mean = float(differences.mean())
    if not np.ptp(differences):
        return CrossedDifference(mean, count, examples, components=VarianceComponents(0, 0, 0))
    if count < 2 or examples < 2:
        return CrossedDifference(mean, count, examples)
    means, within = differences.mean(1), float(differences.var(1, ddof=1).mean())
    between = max(0.0, float(means.var(ddof=1)) - within / examples)
    components = VarianceComponents(between, 0.0, within, correction)
    return CrossedDifference(mean, count, examples, compare_replicates(means, correction), components)


def _check(differences: Matrix) -> None:
    if differences.ndim != 2 or not differences.size:
        raise ValueError(f"expected a matrix, replicates × examples; received the shape {differences.shape}")
    if not np.isfinite(differences).all():
        raise ValueError("expected finite differences; received NaN or infinity")


def compare_replicates(differences: Matrix, correction: float = 0.0) -> Interval | None:
    """Student's t over the replicates' own differences (K,), where each has test examples of its own.

    ``correction``: see ``Design``. None below two replicates, and where all differences are the same.
    """
    count = len(differences)
    if count < 2 or not np.ptp(differences):
        return None
    variance = float(differences.var(ddof=1)) * (1 / count + correction)
    return _make_student(float(differences.mean()), math.sqrt(variance), count - 1)


def combine_independent(mean: float, one: Interval, other: Interval) -> Interval:
    """Of the difference ``mean`` between two independent means with these intervals (Welch 1947, Biometrika 34:28)."""
    squares = one.standard_error**2, other.standard_error**2
    spread = squares[0] ** 2 / one.degrees + squares[1] ** 2 / other.degrees
    return _make_student(mean, math.sqrt(sum(squares)), sum(squares) ** 2 / spread)


def adjust_by_holm(p_values: list[float]) -> list[float]:
    """Holm 1979, Scand. J. Stat. 6:65: adjusted so that all of them together err as often as one alone would."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = highest
    return adjusted


@dataclass(frozen=True)
class _MeanSquares:
    replicate: float
    example: float
    rest: float


def _compute_mean_squares(differences: Matrix) -> _MeanSquares:
    count, examples = differences.shape
    mean, rows, columns = differences.mean(), differences.mean(1), differences.mean(0)
    rest = differences - rows[:, None] - columns + mean
    squares = (
        examples * np.sum((rows - mean) ** 2) / (count - 1),
        count * np.sum((columns - mean) ** 2) / (examples - 1),
        np.sum(rest**2) / ((count - 1) * (examples - 1)),
    )
    least = _ROUNDING * float(np.max(np.abs(differences))) ** 2
    return _MeanSquares(*(float(square) if square > least else 0.0 for square in squares))


def _make_interval(mean: float, squares: _MeanSquares, count: int, examples: int) -> Interval:
    variance = squares.replicate + squares.example - squares.rest
    if variance <= 0:
        variance = max(squares.replicate, squares.example)
    if variance <= 0:
        variance = squares.rest
    spread = (
        squares.replicate**2 / (count - 1)
        + squares.example**2 / (examples - 1)
        + squares.rest**2 / ((count - 1) * (examples - 1))
    )
    return _make_student(mean, math.sqrt(variance / (count * examples)), max(variance**2 / spread, 1.0))


def _make_student(mean: float, error: float, degrees: float) -> Interval:
    half = float(stdtrit(degrees, 1 - TAIL)) * error
    p = 2 * float(stdtr(degrees, -abs(mean) / error))
    return Interval(mean - half, mean + half, p, error, degrees)


def _estimate_components(squares: _MeanSquares, count: int, examples: int, correction: float) -> VarianceComponents:
    return VarianceComponents(
        max(0.0, (squares.replicate - squares.rest) / examples),
        max(0.0, (squares.example - squares.rest) / count),
        squares.rest,
        correction,
    )
