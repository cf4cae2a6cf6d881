"""The final validation score and loss over the strength: a dot per seed, the mean, the baseline, a slot for 0."""

from __future__ import annotations

import html
import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from backend.figures.arrays import encode
from backend.figures.curves import Column, Figure
from backend.figures.data import RunKey
from backend.figures.layout import make_layout
from backend.figures.metrics import Metric, describe_metric
from backend.figures.ranges import find_range
from backend.figures.scale import NEUTRAL, Scale, make_scale
from core.analysis.cells import is_equal
from core.analysis.notation import Task, label_regularizer
from core.spec import BASELINE

# The slot of λ = 0 lies this many decades (or this share of a linear axis) left of the smallest strength.
_SLOT_DECADES = 0.75
_FEW = 4
# How far the ends of a sweep fall off is what this chart is for; only what dwarfs that is cut off.
_MOST = 60.0

# The last value of a run by metric; a missing or null one is a run that has none (yet).
Last = Mapping[str, float | None]


def place_strength(strength: float, scale: Scale) -> float:
    """Where a strength lies on the axis: log10 λ, with λ = 0 a slot left of the smallest; a probability as it is."""
    if scale.kind == "linear":
        return strength
    if strength > 0:
        return math.log10(strength)
    positive = [tick.strength for tick in scale.ticks if tick.strength > 0]
    return (math.log10(min(positive)) if positive else 0.0) - _SLOT_DECADES


def draw_strengths(
    runs: Sequence[RunKey],
    last: Mapping[int, Last],
    regularizers: Sequence[str],
    metrics: Sequence[str],
    task: Task,
    at_best: Collection[str] = (),
) -> list[Column]:
    """A column per regularizer; ``last``: of each run, by id, the row that counts. Diverged runs are counted only.

    ``at_best``: the regularizers of whose runs that is the best epoch's row, not the last one's.
    """
    chosen = {*regularizers, BASELINE}
    seen = [run for run in runs if run.regularizer in chosen]
    ranges = {name: _find_range(seen, last, name) for name in metrics}
    columns = []
    for key in regularizers:
        own = [run for run in seen if run.regularizer in (key, BASELINE)]
        scale = make_scale(key, [run.strength for run in own if not run.baseline])
        figures = {}
        for metric in (describe_metric(name, task) for name in metrics):
            title = _name_chart(metric, scale, key in at_best)
            figures[metric.name] = _draw(own, last, metric, scale, ranges[metric.name], title)
        columns.append(Column(key, label_regularizer(key), scale, figures))
    return columns


def _name_chart(metric: Metric, scale: Scale, at_best: bool) -> str:
    what = f"{metric.title} of the best epoch" if at_best else f"Final {metric.title[0].lower()}{metric.title[1:]}"
    return f"{what} over {scale.symbol}"


def _read(run: RunKey, last: Mapping[int, Last], metric: str) -> float | None:
    value = (last.get(run.id) or {}).get(metric)
    usable = value is not None and math.isfinite(value) and run.diverged_epoch is None
    return float(value) if usable and value is not None else None


def _find_range(runs: Sequence[RunKey], last: Mapping[int, Last], metric: str) -> Figure:
    values = [_read(run, last, metric) for run in runs]
    column = np.array([[math.nan if value is None else value] for value in values]).reshape(-1, 1)
    baseline = np.array([run.baseline for run in runs], dtype=bool)
    return {
        "linear": find_range(column, baseline=baseline, most=_MOST),
        "log": find_range(column, baseline=baseline, log=True),
    }


def _draw(
    runs: Sequence[RunKey], last: Mapping[int, Last], metric: Metric, scale: Scale, ranges: Figure, title: str
) -> Figure:
    swept = [(run, value) for run in runs if not run.baseline and (value := _read(run, last, metric.name)) is not None]
    base = [value for run in runs if run.baseline and (value := _read(run, last, metric.name)) is not None]
    fallen = [run for run in runs if not run.baseline and run.diverged_epoch is not None]
    is_whole = not any(run.baseline and run.diverged_epoch is not None for run in runs)
    extent = find_extent(scale)
    traces = [_draw_seeds(swept, metric, scale), _draw_mean(swept, metric, scale)]
    if base:
        traces.append(_draw_baseline(float(np.mean(base)), extent, metric))
    x_axis = {
        "range": extent,
        "tickvals": [place_strength(tick.strength, scale) for tick in scale.ticks if tick.major],
        "ticktext": [html.escape(tick.label) for tick in scale.ticks if tick.major],
        "title": {"text": html.escape(scale.title), "standoff": 6},
    }
    y_axis = {"range": ranges["linear"], "tickformat": metric.tickformat}
    meta = {
        "metric": metric.name,
        "title": title,
        "percent": metric.percent,
        "better": metric.better,
        "shown": len(swept),
        "total": sum(not run.baseline for run in runs),
        "rejected": sum(_is_rejected(own) for _, _, own in _group(swept)),
        "sentence": _describe(swept, base if is_whole else [], fallen, metric, scale),
        "ranges": {"y": ranges},
    }
    return {"data": traces, "layout": make_layout(x_axis, y_axis, meta)}


def find_extent(scale: Scale) -> list[float]:
    """The range of an axis of strengths, with some room at its ends."""
    places = [place_strength(tick.strength, scale) for tick in scale.ticks]
    if not places:
        return [-1.0, 1.0]
    room = 0.06 * (max(places) - min(places)) or 0.5
    return [min(places) - room, max(places) + room]


def _group(swept: Sequence[tuple[RunKey, float]]) -> list[tuple[float, float, list[RunKey]]]:
    """(strength, mean, runs) by rising strength."""
    strengths = sorted({run.strength for run, _ in swept})
    found = [(s, [(run, value) for run, value in swept if run.strength == s]) for s in strengths]
    return [(s, float(np.mean([value for _, value in own])), [run for run, _ in own]) for s, own in found]


def _trace(kind: str, x: Sequence[float], y: Sequence[float], metric: Metric, **more: Any) -> Figure:
    meta = {"kind": kind, "metric": metric.name, "baseline": kind == "baseline", **more.pop("meta", {})}
    return {
        "type": "scatter",
        "uid": f"{kind}-{metric.name}",
        "x": encode(np.asarray(x, dtype=np.float64)),
        "y": encode(np.asarray(y, dtype=np.float64)),
        "hoverinfo": "skip",
        "showlegend": False,
        **more,
        "meta": meta,
    }


def _draw_seeds(swept: Sequence[tuple[RunKey, float]], metric: Metric, scale: Scale) -> Figure:
    ordered = sorted(swept, key=lambda pair: (pair[0].strength, pair[0].seed))
    runs = [run for run, _ in ordered]
    return _trace(
        "dots",
        [place_strength(run.strength, scale) for run in runs],
        [value for _, value in ordered],
        metric,
        mode="markers",
        marker={"size": 6, "opacity": 0.55, "color": [scale.colour(run.strength) for run in runs]},
        meta={
            "runs": [run.id for run in runs],
            "strengths": [run.strength for run in runs],
            "seeds": [run.seed for run in runs],
        },
    )


def _draw_mean(swept: Sequence[tuple[RunKey, float]], metric: Metric, scale: Scale) -> Figure:
    groups = _group(swept)
    return _trace(
        "mean",
        [place_strength(strength, scale) for strength, _, _ in groups],
        [mean for _, mean, _ in groups],
        metric,
        mode="lines+markers",
        line={"color": NEUTRAL, "width": 1.5},
        marker={
            "size": 10, "color": [scale.colour(strength) for strength, _, _ in groups],
            "symbol": ["circle-open" if _is_rejected(runs) else "circle" for _, _, runs in groups],
            "line": {"width": 1.5, "color": "rgba(255,255,255,0.85)"},
        },
        meta={
            "strengths": [strength for strength, _, _ in groups],
            "counts": [len(runs) for _, _, runs in groups],
            "rejected": [strength for strength, _, runs in groups if _is_rejected(runs)],
        },
    )  # fmt: skip


def _is_rejected(runs: Sequence[RunKey]) -> bool:
    """Whether successive halving stopped the cell: its value is that of an earlier epoch than the others'."""
    return any(run.stopped_by == "halving" for run in runs)


def _draw_baseline(mean: float, extent: Sequence[float], metric: Metric) -> Figure:
    line = {"color": NEUTRAL, "width": 2.2, "dash": "6px,4px"}
    return _trace("baseline", extent, [mean, mean], metric, mode="lines", line=line)


def _describe(
    swept: Sequence[tuple[RunKey, float]], base: Sequence[float], fallen: Sequence[RunKey], metric: Metric, scale: Scale
) -> str:
    groups = _group(swept)
    label = label_regularizer(scale.regularizer)
    if not groups:
        why = "every run that had one diverged" if fallen else "no run has a value yet"
        return f"{metric.title} over the strength of {label}: {why}."
    diverged = {run.strength for run in fallen}
    values = "; ".join(
        f"{next(t.label for t in scale.ticks if t.strength == s)}: {metric.format(mean)}"
        for s, mean, _ in (groups if len(groups) <= _FEW else [groups[0], groups[-1]])
    )
    ends = "At its ends" if len(groups) > _FEW else "By strength"
    beside = ""
    rejected = sum(_is_rejected(runs) for _, _, runs in groups)
    if rejected:
        beside += f" Successive halving stopped {rejected} of them early, drawn hollow."
    if fallen:
        beside += f" {len(fallen)} run{'s' if len(fallen) > 1 else ''} diverged, without a dot."
    sound = [group for group in groups if group[0] not in diverged]
    best = _describe_best([group for group in sound if not _is_rejected(group[2])] or sound, base, metric, scale)
    return (
        f"{metric.title} over the strength of {label}, {len(groups)} strengths, a dot per seed. "
        f"{best} {ends}: {values}.{beside}"
    )


def _describe_best(
    groups: Sequence[tuple[float, float, list[RunKey]]], base: Sequence[float], metric: Metric, scale: Scale
) -> str:
    """The best of the strengths beside the baseline, which an exact tie goes to, with digits that tell them apart."""
    if not groups:
        return "No strength is best: of each a run diverged."
    highest = (max if metric.better == "high" else min)(mean for _, mean, _ in groups)
    tied = [(strength, mean) for strength, mean, _ in groups if is_equal(mean, highest)]
    # Of equal ones the stronger.
    strength, mean = tied[0] if scale.smaller_is_stronger else tied[-1]
    name = next(tick.label for tick in scale.ticks if tick.strength == strength)
    more = len(tied) - 1
    same = f" (and {more} more strength{'s' if more > 1 else ''})" if more else ""
    where = f"Best mean of the strengths: {scale.symbol} = {name}{same} with"
    if not base:
        return f"{where} {metric.format(mean)}; there is no baseline to compare with."
    against = float(np.mean(base))
    if is_equal(mean, against):
        return f"{where} {metric.format(mean)}, a tie with the baseline."
    one, other = metric.tell_apart(mean, against)
    return f"{where} {one}. The baseline has {other}."
