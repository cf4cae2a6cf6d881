"""A trace of a chart over the strength, as Plotly and the page need it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.figures.charts.curves import Figure
from backend.figures.metrics import Metric
from backend.figures.typed_arrays import encode_exact


def make_trace(kind: str, x: Sequence[float], y: Sequence[float], metric: Metric, **more: Any) -> Figure:
    """``kind`` tells the page what it is: dots, mean, baseline; ``more``: of Plotly, and ``meta`` for the page."""
    meta = {"kind": kind, "metric": metric.name, "baseline": kind == "baseline", **more.pop("meta", {})}
    return {
        "type": "scatter",
        "uid": f"{kind}-{metric.name}",
        "x": encode_exact(x),
        "y": encode_exact(y),
        "hoverinfo": "skip",
        "showlegend": False,
        # A share of 0 or 1 lies on the edge: draw its dot whole.
        "cliponaxis": False,
        **more,
        "meta": meta,
    }
