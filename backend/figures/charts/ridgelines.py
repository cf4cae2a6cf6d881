"""Ridgelines: the histogram of the weights at each strength, one above the other, the baseline at the bottom.

Exact zeros are left out of the ridges and told beside them: as a spike they would flatten all else. Each ridge is as
high as its own fullest bin.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from backend.figures.axes.colour_scale import NEUTRAL, ColourScale
from backend.figures.charts.curves import Column, Figure
from backend.figures.charts.layout import make_layout
from backend.figures.charts.ridgeline_text import (
    describe_ridges,
    find_middle,
    format_weights,
    name_chart,
    write_shares,
)
from backend.figures.charts.ridges import Choice, Histograms, Ridge, find_scale, make_ridges
from backend.figures.data import RunKey
from backend.figures.histograms import find_edges
from backend.figures.typed_arrays import encode
from core.analysis.formatting import label_regularizer
from core.spec import BASELINE

METRIC = "ridgelines"
# In rows: ridges overlap a little.
_HEIGHT = 1.5
_OPACITY = 0.45
Array = NDArray[np.float64]


def draw_ridgelines(
    runs: Sequence[RunKey], histograms: Histograms, regularizers: Sequence[str], choice: Choice
) -> list[Column]:
    """A column per regularizer, each with the baseline; all share the axis of the weights.

    ``histograms``: of all layers. Diverged runs are left out.
    """
    keys = list(regularizers) or [BASELINE]
    ridges = {
        key: make_ridges([run for run in runs if run.regularizer in (key, BASELINE)], histograms, choice, key)
        for key in keys
    }
    edges = find_edges([ridge.pool for own in ridges.values() for ridge in own])
    columns = []
    for key in keys:
        own = [run for run in runs if run.regularizer in (key, BASELINE)]
        counts = _count_runs(own, histograms, choice)
        scale = find_scale(own, key)
        figure = _draw(ridges[key], edges, scale, choice, counts, key)
        columns.append(Column(key, label_regularizer(key), scale, {METRIC: figure}))
    return columns


def _count_runs(runs: Sequence[RunKey], histograms: Histograms, choice: Choice) -> dict[str, int]:
    drawn = [run for run in runs if run.diverged_epoch is None and histograms.get(run.id)]
    earlier = sum(histograms[run.id][0].epoch != choice.epoch for run in drawn)
    return {"shown": len(drawn), "total": len(runs), "earlier": earlier}


def _draw(
    ridges: Sequence[Ridge],
    edges: Array,
    scale: ColourScale | None,
    choice: Choice,
    counts: Mapping[str, int],
    key: str,
) -> Figure:
    shares = write_shares(ridges, choice)
    rows = len(ridges)
    x_axis = {"range": [float(edges[0]), float(edges[-1])], "title": {"text": "weight", "standoff": 6}}
    y_axis = {
        "range": [-0.15, max(rows, 1) - 1 + _HEIGHT + 0.1],
        "tickvals": list(range(rows)),
        "ticktext": [html.escape(ridge.label) for ridge in ridges],
        "showgrid": False,
    }
    meta = {
        "metric": METRIC,
        "title": name_chart(choice, scale),
        "percent": False,
        "better": "neither",
        **counts,
        "epochs": list(choice.epochs),
        "epoch": choice.epoch,
        "layers": list(choice.layers),
        "layer": choice.layer,
        "ridges": rows,
        "anyZeros": any(ridge.pool.zeros for ridge in ridges),
        "estimated": choice.estimated,
        "empty": "" if rows else "No histogram is recorded yet",
        "sentence": describe_ridges(ridges, shares, choice, counts, key),
        "ranges": {"y": {"linear": y_axis["range"], "log": y_axis["range"]}},
    }
    # The lower ones last: they stand in front.
    traces = [
        _draw_ridge(ridge, row, edges, share) for row, (ridge, share) in enumerate(zip(ridges, shares, strict=True))
    ]
    names = [_name_zeros(row, share) for row, share in enumerate(shares)] if meta["anyZeros"] else []
    layout = make_layout(x_axis, y_axis, meta) | {"annotations": names}
    return {"data": traces[::-1], "layout": layout}


def _draw_ridge(ridge: Ridge, row: int, edges: Array, share: str) -> Figure:
    masses = ridge.pool.spread(edges)
    top = masses.max(initial=0.0)
    height = _HEIGHT * masses / top if top > 0 else masses
    middle = (edges[:-1] + edges[1:]) / 2
    red, green, blue = (int(ridge.colour[i : i + 2], 16) for i in (1, 3, 5))
    inner = find_middle(ridge)
    return {
        "type": "scatter",
        "uid": f"ridge-{ridge.runs[0].id}",
        "name": html.escape(ridge.label),
        "x": encode(np.concatenate([edges[:1], middle, edges[-1:]])),
        "y": encode(row + np.concatenate([[0.0], height, [0.0]])),
        "mode": "lines",
        "line": {"color": ridge.colour, "width": 1.6},
        "fill": "toself",
        "fillcolor": f"rgba({red},{green},{blue},{_OPACITY})",
        "hoverinfo": "skip",
        "showlegend": False,
        "meta": {
            "kind": "ridge",
            "metric": METRIC,
            "regularizer": ridge.runs[0].regularizer,
            "strength": ridge.strength,
            "seeds": [run.seed for run in ridge.runs],
            "splits": [run.split for run in ridge.runs],
            "runs": [run.id for run in ridge.runs],
            "baseline": ridge.baseline,
            "row": row,
            "zeros": share,
            "weights": round(ridge.pool.weights),
            "middle": " to ".join(format_weights(inner)) if inner else "",
        },
    }


def _name_zeros(row: int, share: str) -> Figure:
    return {
        "x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "y": row, "yanchor": "middle",
        "text": html.escape(share), "showarrow": False, "font": {"size": 12, "color": NEUTRAL},
    }  # fmt: skip
