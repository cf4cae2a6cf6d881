"""Numbers formatted with enough digits that different ones look different."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import zip_longest

from core.analysis.crossed_interval import SIGNIFICANCE
from core.analysis.formatting import Task, format_score, format_strength

# Enough significant digits for any two doubles.
_ALL = 17
# Of a p-value.
_MOST_DECIMALS_OF_P = 9
# Scores equal to so many decimals differ by rounding only, as from another order of summation.
_MOST_DECIMALS = 12


def tell_apart(values: Sequence[float], write: Callable[[float, int], str], fewest: int, most: int = _ALL) -> list[str]:
    """Each value formatted by ``write``, with ``fewest`` digits or as many as make it unique.

    Equal values are formatted alike, as are those that ``most`` digits do not distinguish.
    """
    digits = _count_digits(values, write, fewest, most)
    return [write(value, digits[value]) for value in values]


def _count_digits(
    values: Sequence[float], write: Callable[[float, int], str], fewest: int, most: int
) -> dict[float, int]:
    digits = dict.fromkeys(values, fewest)
    for more in range(fewest + 1, most + 1):
        alike = defaultdict(list)
        for value, count in digits.items():
            alike[write(value, count)].append(value)
        close = [value for group in alike.values() if len({write(v, most) for v in group}) > 1 for value in group]
        if not close:
            break
        digits |= dict.fromkeys(close, more)
    return digits


def format_strengths(strengths: Sequence[float], regularizer: str = "") -> list[str]:
    """Formatted as by ``format_strength``, but unique: 1.00001·10⁻³, 1.00002·10⁻³."""
    return tell_apart(strengths, lambda strength, digits: format_strength(strength, regularizer, digits), 3)


def format_scores(scores: Sequence[float], task: Task, deviations: Sequence[float | None] = ()) -> list[str]:
    """Formatted as by ``format_score``, but unique; the first ones with their ``deviations``."""
    fewest = 1 if task == "classification" else 3
    digits = _count_digits(scores, lambda score, count: format_score(score, task, digits=count), fewest, _MOST_DECIMALS)
    pairs = zip_longest(scores, deviations)
    return [format_score(score, task, deviation, digits[score]) for score, deviation in pairs]


def format_p(p: float) -> str:
    """``= 0.034``; with as many digits as tell it from the level that decides."""
    if p < 0.001:
        return "< 0.001"
    decimals = 3 if p < 0.1 else 2
    while decimals < _MOST_DECIMALS_OF_P and p != SIGNIFICANCE and float(f"{p:.{decimals}f}") == SIGNIFICANCE:
        decimals += 1
    return "> 0.99" if 0.99 < p < 1 else f"= {p:.{decimals}f}"
