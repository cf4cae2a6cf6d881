"""p-values in words."""

from __future__ import annotations

from core.analysis.crossed_interval import SIGNIFICANCE

_MOST_DECIMALS = 9


def format_p(p: float) -> str:
    """``= 0.034``; with as many digits as tell it from the level that decides."""
    if p < 0.001:
        return "< 0.001"
    decimals = 3 if p < 0.1 else 2
    while decimals < _MOST_DECIMALS and p != SIGNIFICANCE and float(f"{p:.{decimals}f}") == SIGNIFICANCE:
        decimals += 1
    return "> 0.99" if 0.99 < p < 1 else f"= {p:.{decimals}f}"
