"""Charts of the textbook's claims over the strength: a dot per run, means, the baseline in a slot of its own."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.figures.axes.colour_scale import NEUTRAL, ColourScale, make_scale
from backend.figures.axes.strength_frame import (
    count_beyond,
    find_extent,
    find_value_range,
    make_strength_axis,
    place_strength,
    wants_log,
)
from backend.figures.charts.curves import Column, Figure
from backend.figures.charts.layout import make_layout
from backend.figures.charts.strength_traces import make_trace
from backend.figures.metrics import Metric
from core.analysis.claims.cells import ClaimCell
from core.analysis.claims.verdicts import Claims, ClaimVerdict
from core.analysis.formatting import is_cap, label_regularizer
from core.db.queries.runs import ChartRun
from core.spec import BASELINE

# The baseline's slot lies so many decades, or so much of a linear axis, past the weakest strength.
_SLOT, _LINEAR_SLOT = 0.75, 0.14
_NONE = "none"
# What was not reached lies so high up the axis, which is so much longer for it.
_BELOW_TOP, _ROOM = 0.96, 0.25
# By regularizer, strength and replicate.
Runs = Mapping[tuple[str, float, str], ChartRun]


@dataclass(frozen=True)
class _Dot:
    cell: ClaimCell
    replicate: str
    value: float
    censored: bool


def draw_claims(claims: Claims, regularizers: Sequence[str], runs: Runs) -> list[Column]:
    """A column per regularizer, a chart per claim. ``runs``: by regularizer, strength and replicate."""
    columns = []
    for key in regularizers:
        own = [verdict for verdict in claims.verdicts if verdict.regularizer == key]
        # Those too that have no run yet: the axis stays as the sweep goes on. 0 is the baseline's.
        strengths = {strength for name, strength, _ in runs if name == key and (strength or is_cap(key))}
        scale = make_scale(key, sorted(strengths))
        figures: dict[str, Figure] = {verdict.claim: _draw(verdict, claims, scale, runs) for verdict in own}
        columns.append(Column(key, label_regularizer(key), scale, figures))
    return columns


def _draw(verdict: ClaimVerdict, claims: Claims, scale: ColourScale, runs: Runs) -> Figure:
    title = verdict.number[0].upper() + verdict.number[1:]
    metric = Metric(
        verdict.claim, title, "share" if verdict.unit == "share" else "other", "neither", verdict.unit == "share"
    )
    means = [cell for cell in verdict.cells if cell.mean is not None]
    values = [value for cell in verdict.cells for value in cell.values.values() if value is not None]
    own = [cell.mean for cell in means if cell.mean is not None]
    log = wants_log(own) and all(value > 0 for value in values)
    extent = _find_range(own or values, values, verdict, share=metric.percent, log=log)
    dots = list(_list_dots(verdict, _BELOW_TOP * extent[1] + (1 - _BELOW_TOP) * extent[0], log=log))
    axis = _make_axis(scale)
    meta = {
        "metric": metric.name,
        "title": title,
        "percent": metric.percent,
        "better": "neither",
        "shown": len(dots),
        "total": len(dots),
        "outside": count_beyond(values, extent, log=log),
        "sentence": f"{title}, over the strength of {verdict.label}, a dot per seed. {verdict.sentence}",
        "ranges": {"y": {"linear": extent, "log": extent}},
        "claim": {
            "title": verdict.title,
            "word": verdict.word,
            "sentence": verdict.sentence,
            "censored": verdict.censored,
            "epoch": claims.epoch,
            "so_far": claims.missing,
            "note": claims.note,
        },
    }
    traces = [_draw_dots(dots, metric, scale, runs), _draw_means(means, metric, scale)]
    y_axis = {"type": "log" if log else "linear", "range": extent, "tickformat": metric.tickformat}
    return {"data": traces, "layout": make_layout(axis, y_axis, meta)}


def _find_range(
    means: Sequence[float], values: Sequence[float], verdict: ClaimVerdict, *, share: bool, log: bool
) -> list[float]:
    """With room on top for what was not reached, if there is any."""
    if not values and verdict.censored:
        return [0.0, 1.0]
    low, high = find_value_range(means, values, share=share, log=log)
    return [low, high + (_ROOM * (high - low) if verdict.censored else 0.0)]


def _list_dots(verdict: ClaimVerdict, top: float, *, log: bool) -> Iterator[_Dot]:
    """What was not reached lies at the top, above all that was."""
    for cell in verdict.cells:
        for replicate, value in cell.values.items():
            if value is None:
                yield _Dot(cell, replicate, 10**top if log else top, censored=True)
            else:
                yield _Dot(cell, replicate, value, censored=False)


def _place(cell: ClaimCell, scale: ColourScale) -> float:
    return place_strength(cell.strength, scale) if cell.regularizer != BASELINE else _place_baseline(scale)


def _place_baseline(scale: ColourScale) -> float:
    """Past the weakest strength: left of the smallest, or right of the largest where smaller is stronger."""
    if not scale.ticks:
        return 0.0
    places = [place_strength(tick.strength, scale) for tick in scale.ticks]
    if scale.kind == "linear" and not scale.smaller_is_stronger:
        return 0.0
    slot = _SLOT if scale.kind == "log" else _LINEAR_SLOT * ((max(places) - min(places)) or 1.0)
    return max(places) + slot if scale.smaller_is_stronger else min(places) - slot


def _make_axis(scale: ColourScale) -> dict[str, Any]:
    """The axis of strengths with the baseline's slot: strength 0, or none where smaller is stronger."""
    axis, place = make_strength_axis(scale), _place_baseline(scale)
    labels = dict(zip(axis["tickvals"], axis["ticktext"], strict=True))
    labels[place] = html.escape(_NONE if scale.smaller_is_stronger else "0")
    places = [place, *(place_strength(tick.strength, scale) for tick in scale.ticks)]
    room = 0.06 * (max(places) - min(places)) or 0.5
    low, high = find_extent(scale)
    return axis | {
        "range": [min(low, place - room), max(high, place + room)],
        "tickvals": sorted(labels),
        "ticktext": [labels[at] for at in sorted(labels)],
    }


def _draw_dots(dots: Sequence[_Dot], metric: Metric, scale: ColourScale, runs: Runs) -> Figure:
    own = [runs[dot.cell.regularizer, dot.cell.strength, dot.replicate] for dot in dots]
    meta = {
        "runs": [run.id for run in own],
        "strengths": [dot.cell.strength for dot in dots],
        "seeds": [run.seed for run in own],
        "splits": [run.split for run in own],
        "censored": [place for place, dot in enumerate(dots) if dot.censored],
    }
    marker = {
        "size": 6,
        "opacity": 0.55,
        "color": [_colour(dot.cell, scale) for dot in dots],
        "symbol": ["triangle-up-open" if dot.censored else "circle" for dot in dots],
    }
    x, y = [_place(dot.cell, scale) for dot in dots], [dot.value for dot in dots]
    return make_trace("dots", x, y, metric, meta=meta, mode="markers", marker=marker)


def _draw_means(cells: Sequence[ClaimCell], metric: Metric, scale: ColourScale) -> Figure:
    """Of the strengths whose runs have all reached it."""
    ordered = sorted(cells, key=lambda cell: _place(cell, scale))
    marker = {
        "size": 9,
        "color": [_colour(cell, scale) for cell in ordered],
        "line": {"width": 1.5, "color": "rgba(255,255,255,0.85)"},
    }
    means = [cell.mean for cell in ordered if cell.mean is not None]
    meta = {"strengths": [cell.strength for cell in ordered], "counts": [len(cell.values) for cell in ordered]}
    x = [_place(cell, scale) for cell in ordered]
    line = {"color": NEUTRAL, "width": 1.5}
    return make_trace("mean", x, means, metric, meta=meta, mode="lines+markers", line=line, marker=marker)


def _colour(cell: ClaimCell, scale: ColourScale) -> str:
    return NEUTRAL if cell.regularizer == BASELINE else scale.colour(cell.strength)
