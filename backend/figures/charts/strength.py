"""Charts of the final validation score and loss over the strength: dots per seed, means, baseline, a slot for 0."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

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
from backend.figures.charts.strength_choice import (
    choose_strength,
    describe_choice,
    describe_largest,
    list_standard_errors,
    mark_choice,
    mark_largest,
)
from backend.figures.charts.strength_traces import make_trace
from backend.figures.charts.strength_training import average, average_test, draw_test, draw_training, name_part
from backend.figures.data import RunKey
from backend.figures.metrics import DIFFERENCES, Metric, describe_metric
from core.analysis.cells import is_equal
from core.analysis.formatting import Task, label_regularizer
from core.analysis.selection import Selection
from core.spec import BASELINE

_FEW = 4
# What chooses the strength where a chart's own metric cannot.
_CHOSEN_BY = "validation_loss"
# A run's values by metric; missing or null where it has none yet.
Last = Mapping[str, float | None]
# Strength, mean, runs.
Group = tuple[float, float, list[RunKey]]


def draw_strengths(
    runs: Sequence[RunKey],
    last: Mapping[int, Last],
    regularizers: Sequence[str],
    metrics: Sequence[str],
    task: Task,
    at_best: Collection[str] = (),
    largest: Mapping[str, float] | None = None,
) -> list[Column]:
    """A column per regularizer. Diverged runs are counted, not drawn.

    ``last``: by run id, the row that counts, with test values where it has some.
    ``at_best``: regularizers whose rows are those of the best epoch, not the last.
    ``largest``: by regularizer the least strength whose optimum is at weights 0, where it is known.
    """
    chosen = {*regularizers, BASELINE}
    seen = [run for run in runs if run.regularizer in chosen]
    paths = {
        (key, name): _read_path([run for run in seen if run.regularizer in (key, BASELINE)], last, name, key, task)
        for key in regularizers
        for name in metrics
    }
    frames = {
        name: _frame(seen, last, describe_metric(name, task), [paths[key, name] for key in regularizers])
        for name in metrics
    }
    columns = []
    for key in regularizers:
        own = [run for run in seen if run.regularizer in (key, BASELINE)]
        scale = make_scale(key, [run.strength for run in own if not run.baseline])
        figures = {}
        for metric in (describe_metric(name, task) for name in metrics):
            title = _name_chart(metric, scale, key in at_best)
            path = paths[key, metric.name]
            figures[metric.name] = _draw(own, path, metric, scale, frames[metric.name], title, (largest or {}).get(key))
        columns.append(Column(key, label_regularizer(key), scale, figures))
    return columns


def _name_chart(metric: Metric, scale: ColourScale, at_best: bool) -> str:
    what = f"{metric.title} of the best epoch" if at_best else f"Final {metric.title[0].lower()}{metric.title[1:]}"
    return f"{what} over {scale.symbol}"


def _read(run: RunKey, last: Mapping[int, Last], metric: str) -> float | None:
    value = (last.get(run.id) or {}).get(metric)
    usable = value is not None and math.isfinite(value) and run.diverged_epoch is None
    return float(value) if usable and value is not None else None


@dataclass(frozen=True)
class _Path:
    """One regularizer over its strengths. ``test``: the mean at the chosen strength."""

    swept: list[tuple[RunKey, float]]
    base: list[float]
    training: list[tuple[RunKey, float]]
    choice: Selection | None
    test: float | None


def _read_path(runs: Sequence[RunKey], last: Mapping[int, Last], name: str, key: str, task: Task) -> _Path:
    metric = describe_metric(name, task)
    scale = make_scale(key, [run.strength for run in runs if not run.baseline])
    diverged = [run for run in runs if not run.baseline and run.diverged_epoch is not None]

    def read(part: str | None) -> list[tuple[RunKey, float]]:
        found = [] if part is None else [(run, value) for run in runs if (value := _read(run, last, part)) is not None]
        return [(run, value) for run, value in found if not run.baseline]

    swept = read(name)
    # What is neither good nor bad chooses nothing.
    by = describe_metric(_CHOSEN_BY, task) if metric.better == "neither" else metric
    choice = choose_strength(read(by.name), diverged, by, scale)
    tests = {run.id: value for run, value in read(name_part(metric, "test_"))}
    base = [value for run in runs if run.baseline and (value := _read(run, last, name)) is not None]
    training = read(name_part(metric, "train_"))
    return _Path(swept, base, training, choice, average_test(runs, tests, choice))


def _frame(runs: Sequence[RunKey], last: Mapping[int, Last], metric: Metric, paths: Sequence[_Path]) -> Figure:
    """The type and ranges of a row's y-axis; they include all means and the baseline."""
    read = [(run, value) for run in runs if (value := _read(run, last, metric.name)) is not None]
    cells: dict[tuple[str, float], list[float]] = {}
    for run, value in read:
        cells.setdefault((run.regularizer, run.strength), []).append(value)
    means = [float(np.mean(values)) for values in cells.values()]
    dots = [value for run, value in read if not run.baseline]
    beside = [mean for path in paths for mean in average(path.training).values()]
    beside += [path.test for path in paths if path.test is not None]
    ranges = {
        kind: find_value_range([*means, *beside], dots, share=metric.percent, log=kind == "log")
        for kind in ("linear", "log")
    }
    return {"type": "log" if metric.kind == "loss" and wants_log(means) else "linear", "ranges": ranges}


def _draw(
    runs: Sequence[RunKey],
    path: _Path,
    metric: Metric,
    scale: ColourScale,
    frame: Figure,
    title: str,
    largest: float | None,
) -> Figure:
    swept, base, choice = path.swept, path.base, path.choice
    diverged_runs = [run for run in runs if not run.baseline and run.diverged_epoch is not None]
    is_whole = not any(run.baseline and run.diverged_epoch is not None for run in runs)
    extent = find_extent(scale)
    beside = [make_trace(metric=metric, **own) for own in draw_training(path.training, swept, metric, scale)]
    traces = [*beside, _draw_seeds(swept, metric, scale), _draw_mean(swept, metric, scale)]
    if base:
        traces.append(_draw_baseline(float(np.mean(base)), extent, metric))
    traces += [make_trace(metric=metric, **own) for own in draw_test(path.test, choice, scale)]
    kind, ranges = frame["type"], frame["ranges"]
    y_axis = {
        "type": kind,
        "range": ranges[kind],
        "tickformat": metric.tickformat,
        "zeroline": metric.name in DIFFERENCES,
    }
    meta = {
        "metric": metric.name,
        "title": title,
        "percent": metric.percent,
        "better": metric.better,
        "shown": len(swept),
        "total": sum(not run.baseline for run in runs),
        "outside": count_beyond([value for _, value in swept], ranges[kind], log=kind == "log"),
        "rejected": sum(_is_rejected(own) for _, _, own in _group(swept)),
        "errors": any(list_standard_errors(swept, metric, scale)),
        "sentence": _describe(path, is_whole, diverged_runs, metric, scale) + describe_largest(largest, scale),
        "training": bool(path.training),
        "tested": path.test is not None,
        "ranges": {"y": ranges},
    }
    layout = make_layout(make_strength_axis(scale), y_axis, meta)
    chosen, strongest = mark_choice(choice, scale), mark_largest(largest, scale)
    return {"data": traces, "layout": layout | {name: chosen[name] + strongest[name] for name in chosen}}


def _group(swept: Sequence[tuple[RunKey, float]]) -> list[Group]:
    """By rising strength."""
    strengths = sorted({run.strength for run, _ in swept})
    found = [(s, [(run, value) for run, value in swept if run.strength == s]) for s in strengths]
    return [(s, float(np.mean([value for _, value in own])), [run for run, _ in own]) for s, own in found]


def _draw_seeds(swept: Sequence[tuple[RunKey, float]], metric: Metric, scale: ColourScale) -> Figure:
    ordered = sorted(swept, key=lambda pair: (pair[0].strength, pair[0].seed, pair[0].split))
    runs = [run for run, _ in ordered]
    return make_trace(
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
            "splits": [run.split for run in runs],
        },
    )


def _draw_mean(swept: Sequence[tuple[RunKey, float]], metric: Metric, scale: ColourScale) -> Figure:
    groups = _group(swept)
    return make_trace(
        "mean",
        [place_strength(strength, scale) for strength, _, _ in groups],
        [mean for _, mean, _ in groups],
        metric,
        mode="lines+markers",
        line={"color": NEUTRAL, "width": 1.5},
        error_y={
            "type": "data", "array": list_standard_errors(swept, metric, scale), "color": NEUTRAL, "thickness": 1.2,
            "width": 3,
        },
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
    """Whether successive halving stopped the cell, so that its value is of an earlier epoch."""
    return any(run.stopped_by == "halving" for run in runs)


def _draw_baseline(mean: float, extent: Sequence[float], metric: Metric) -> Figure:
    line = {"color": NEUTRAL, "width": 2.2, "dash": "6px,4px"}
    return make_trace("baseline", extent, [mean, mean], metric, mode="lines", line=line)


def _describe(path: _Path, is_whole: bool, diverged_runs: Sequence[RunKey], metric: Metric, scale: ColourScale) -> str:
    groups = _group(path.swept)
    base, choice = path.base if is_whole else [], path.choice
    label = label_regularizer(scale.regularizer)
    if not groups:
        why = "every run that had one diverged" if diverged_runs else "no run has a value yet"
        return f"{metric.title} over the strength of {label}: {why}."
    names = {tick.strength: tick.label for tick in scale.ticks}
    shown_groups = groups if len(groups) <= _FEW else [groups[0], groups[-1]]
    tied = _find_best(groups, {run.strength for run in diverged_runs}, metric, scale)
    against = float(np.mean(base)) if base else None
    means = [mean for _, mean, _ in (*tied[:1], *shown_groups)] + ([] if against is None else [against])
    texts = dict(zip(means, metric.format_all(means), strict=True))
    best = _describe_best([(names[strength], mean) for strength, mean, _ in tied], against, texts, scale.symbol)
    chosen = describe_choice(choice, names, scale.symbol)
    if metric.better == "neither":
        best, chosen = "" if against is None else f"The baseline has {texts[against]}.", ""
    values = "; ".join(f"{names[strength]}: {texts[mean]}" for strength, mean, _ in shown_groups)
    ends = "At its ends" if len(groups) > _FEW else "By strength"
    return (
        f"{metric.title} over the strength of {label}, {len(groups)} strengths, a dot per seed. "
        f"{best}{chosen} {ends}: {values}.{_describe_beside(path, metric)}"
        f"{_describe_missing(groups, diverged_runs)}"
    )


def _describe_beside(path: _Path, metric: Metric) -> str:
    means = list(average(path.training).values())
    ends = [] if not means else [means[0], means[-1]]
    *texts, test = metric.format_all([*ends, math.nan if path.test is None else path.test])
    training = f" On training, the grey line, it goes from {texts[0]} to {texts[1]}." if ends else ""
    return training + ("" if path.test is None else f" At the strength chosen it is {test} on test.")


def _describe_missing(groups: Sequence[Group], diverged_runs: Sequence[RunKey]) -> str:
    rejected = sum(_is_rejected(runs) for _, _, runs in groups)
    halved = f" Successive halving stopped {rejected} of them early, drawn hollow." if rejected else ""
    count = f"{len(diverged_runs)} run{'s' if len(diverged_runs) > 1 else ''}"
    return halved + (f" {count} diverged, without a dot." if diverged_runs else "")


def _find_best(groups: Sequence[Group], diverged: Collection[float], metric: Metric, scale: ColourScale) -> list[Group]:
    """The strengths with the best mean, strongest first. Those with a diverged run do not qualify."""
    sound = [group for group in groups if group[0] not in diverged]
    sound = [group for group in sound if not _is_rejected(group[2])] or sound
    best = (max if metric.better == "high" else min)((mean for _, mean, _ in sound), default=math.nan)
    tied = [group for group in sound if is_equal(group[1], best)]
    return tied if scale.smaller_is_stronger else tied[::-1]


def _describe_best(
    tied: Sequence[tuple[str, float]], against: float | None, texts: Mapping[float, str], symbol: str
) -> str:
    """The best strength beside the baseline, which wins an exact tie; ``texts``: formatted means."""
    if not tied:
        return "No strength is best: each has a diverged run."
    name, mean = tied[0]
    more = len(tied) - 1
    same = f" (and {more} more strength{'s' if more > 1 else ''})" if more else ""
    where = f"Best mean of the strengths: {symbol} = {name}{same} with {texts[mean]}"
    if against is None:
        return f"{where}; there is no baseline to compare with."
    if is_equal(mean, against):
        return f"{where}, a tie with the baseline."
    return f"{where}. The baseline has {texts[against]}."
