"""The layout of all charts. Its colours read on white and on near-black; the page overrides them."""

from __future__ import annotations

import math
from typing import Any

from backend.figures.axes.colour_scale import NEUTRAL

GRID = "rgba(124,124,124,0.18)"
# Axes grow in steps of this factor, so that labels do not shift with every epoch. The steps depend on the newest epoch
# only, so that a chart that has grown equals one drawn anew.
_GROWTH = 1.25
_FEWEST = 8.0


def make_layout(x: dict[str, Any], y: dict[str, Any], meta: dict[str, Any]) -> dict[str, Any]:
    """The layout of one chart; ``meta``: metric, shown, total, title, sentence, ranges."""
    axis = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False, "color": NEUTRAL, "fixedrange": False}
    return {
        "xaxis": axis | x,
        "yaxis": axis | {"automargin": True, "nticks": 7} | y,
        "margin": {"l": 48, "r": 10, "t": 8, "b": 36},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": NEUTRAL, "size": 12},
        "showlegend": False,
        "hovermode": False,
        "dragmode": "zoom",
        "uirevision": meta["metric"],
        "meta": meta,
    }


def find_extent(newest: float, total: float | None, first: float, ended: bool) -> list[float]:
    """The x-range: to the newest point of an ended experiment, else with room to grow, up to ``total``."""
    last = newest
    if not ended:
        last = _FEWEST
        while last < newest:
            last = math.ceil(last * _GROWTH)
        last = last if total is None else max(newest, min(last, total))
    room = 0.012 * (last - first) or 0.5
    return [round(first - room, 6), round(last + room, 6)]


def take_log(extent: list[float], first: float) -> list[float]:
    """The range on a log axis, in powers of ten. ``first``: the smallest positive x."""
    low, high = math.log10(first), math.log10(max(extent[1], first * 1.01))
    room = 0.012 * (high - low)
    return [round(low - room, 6), round(high + room, 6)]
