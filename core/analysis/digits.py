"""As many digits as tell numbers apart: what differs is never written alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from core.analysis.notation import Task, format_score, format_strength

# So many significant digits tell any two doubles apart.
_ALL = 17


def tell_apart(values: Sequence[float], write: Callable[[float, int], str], fewest: int) -> list[str]:
    """The text of each value by ``write``, with ``fewest`` digits, or with as many as no other value is written with.

    Equal values are written alike; so are those that differ only beyond the 17th digit.
    """
    digits = dict.fromkeys(values, fewest)
    for more in range(fewest + 1, _ALL + 1):
        alike = defaultdict(list)
        for value, count in digits.items():
            alike[write(value, count)].append(value)
        close = [value for group in alike.values() if len(group) > 1 for value in group]
        if not close:
            break
        digits |= dict.fromkeys(close, more)
    return [write(value, digits[value]) for value in values]


def format_strengths(strengths: Sequence[float], regularizer: str = "") -> list[str]:
    """As ``format_strength`` writes them, told apart: 1.00001·10⁻³, 1.00002·10⁻³."""
    return tell_apart(strengths, lambda strength, digits: format_strength(strength, regularizer, digits), 3)


def format_scores(scores: Sequence[float], task: Task) -> list[str]:
    """As ``format_score`` writes them, told apart."""
    fewest = 1 if task == "classification" else 3
    return tell_apart(scores, lambda score, digits: format_score(score, task, digits=digits), fewest)
