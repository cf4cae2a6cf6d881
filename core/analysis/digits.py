"""As many digits as tell numbers apart: what differs is never written alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import zip_longest

from core.analysis.formatting import Task, format_score, format_strength

# So many significant digits tell any two doubles apart.
_ALL = 17
# Scores that no more decimals tell apart differ by rounding: the same runs added up in another order do.
_MOST_DECIMALS = 12


def tell_apart(values: Sequence[float], write: Callable[[float, int], str], fewest: int, most: int = _ALL) -> list[str]:
    """The text of each value by ``write``, with ``fewest`` digits, or with as many as no other value is written with.

    Equal values are written alike; so are those that ``most`` digits do not tell apart.
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
    """As ``format_strength`` writes them, told apart: 1.00001·10⁻³, 1.00002·10⁻³."""
    return tell_apart(strengths, lambda strength, digits: format_strength(strength, regularizer, digits), 3)


def format_scores(scores: Sequence[float], task: Task, deviations: Sequence[float | None] = ()) -> list[str]:
    """As ``format_score`` writes them, told apart, those first that there are ``deviations`` of with them."""
    fewest = 1 if task == "classification" else 3
    digits = _count_digits(scores, lambda score, count: format_score(score, task, digits=count), fewest, _MOST_DECIMALS)
    pairs = zip_longest(scores, deviations)
    return [format_score(score, task, deviation, digits[score]) for score, deviation in pairs]
