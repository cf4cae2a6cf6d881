"""Page's trend test: whether a number rises with the strength, in replicate after replicate.

Page 1963, J. Am. Stat. Assoc. 58:216. As ``scipy.stats.page_trend_test``, whose null distribution knows no ties; here
it is that of the ranks which were seen, ties and all: exact where runs and strengths are few, else normal with their
variance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from scipy.stats import rankdata

Matrix = NDArray[np.float64]

# Up to so many, the null distribution is enumerated.
_EXACT_COLUMNS, _EXACT_REPLICATES = 10, 12
# Values that agree in so many digits differ by rounding.
_DIGITS = 9


@dataclass(frozen=True)
class Trend:
    """``statistic``: Page's L. ``correlation``: of ranks and order; 1 where no value falls, −1 where none rises.

    Without ties it is Spearman's, the mean over replicates. ``p_rising``, ``p_falling``: one-sided, of no trend.
    """

    statistic: float
    correlation: float
    p_rising: float
    p_falling: float

    @property
    def p(self) -> float:
        """Two-sided."""
        return min(1.0, 2 * min(self.p_rising, self.p_falling))


def find_trend(values: Matrix) -> Trend:
    """``values``: (replicates, columns), columns in the order of the trend; infinity is a number.

    Raises ValueError below 2 columns or where a value is NaN.
    """
    if values.ndim != 2 or values.shape[0] < 1 or values.shape[1] < 2 or np.isnan(values).any():
        raise ValueError(f"expected replicates × at least 2 columns without NaN; received the shape {values.shape}")
    replicates, columns = values.shape
    ranks = rankdata(_round(values), axis=1)
    order = np.arange(1, columns + 1)
    statistic = float((ranks @ order).sum())
    middle = replicates * columns * (columns + 1) ** 2 / 4
    most = float((np.sort(ranks, axis=1) @ order).sum()) - middle
    correlation = (statistic - middle) / most if most > 0 else 0.0
    # Doubled ranks are whole numbers, those of ties too.
    doubled = np.rint(2 * ranks).astype(int)
    if columns <= _EXACT_COLUMNS and replicates <= _EXACT_REPLICATES:
        rising, falling = _find_tails([tuple(sorted(row)) for row in doubled.tolist()], round(2 * statistic))
    else:
        rising, falling = _approximate_tails(ranks, statistic - middle)
    return Trend(statistic, correlation, rising, falling)


def find_least_p(replicates: int, columns: int) -> float:
    """The smallest two-sided p that so few could give."""
    return min(1.0, 2 * math.exp(-replicates * math.lgamma(columns + 1)))


def _round(values: Matrix) -> Matrix:
    return np.array([[float(f"{value:.{_DIGITS}g}") for value in row] for row in values.tolist()])


def _approximate_tails(ranks: Matrix, excess: float) -> tuple[float, float]:
    columns = ranks.shape[1]
    of_order = columns * (columns**2 - 1) / 12
    of_ranks = float(((ranks - (columns + 1) / 2) ** 2).sum())
    variance = of_order * of_ranks / (columns - 1)
    if not variance:
        return 1.0, 1.0
    score = excess / math.sqrt(variance)
    return float(ndtr(-score)), float(ndtr(score))


def _find_tails(rows: Sequence[tuple[int, ...]], statistic: int) -> tuple[float, float]:
    total = np.ones(1)
    for row in rows:
        total = np.convolve(total, _distribute(row))
    return min(1.0, float(total[statistic:].sum())), min(1.0, float(total[: statistic + 1].sum()))


@lru_cache(maxsize=256)
def _distribute(ranks: tuple[int, ...]) -> NDArray[np.float64]:
    """The probability of each Σ j·rank_j, from 0 up, where every order of the ranks is as likely."""
    kinds, counts = np.unique(ranks, return_counts=True)
    length = 1 + sum(place * rank for place, rank in enumerate(ranks, start=1))
    states: dict[tuple[int, ...], NDArray[np.float64]] = {tuple(counts.tolist()): np.eye(1, length)[0]}
    for place in range(1, len(ranks) + 1):
        after: dict[tuple[int, ...], NDArray[np.float64]] = {}
        for left, chances in states.items():
            for kind, many in enumerate(left):
                if many:
                    shift = place * int(kinds[kind])
                    moved = np.zeros(length)
                    moved[shift:] = chances[: length - shift] * (many / sum(left))
                    rest = (*left[:kind], many - 1, *left[kind + 1 :])
                    after[rest] = after[rest] + moved if rest in after else moved
        states = after
    (distribution,) = states.values()
    return distribution
