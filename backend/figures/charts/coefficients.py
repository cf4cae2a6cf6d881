"""Regularization paths of linear networks: coefficients of one output over the strength, a line per feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.figures.axes.colour_scale import NEUTRAL, ColourScale, make_scale, pick_category
from backend.figures.axes.strength_frame import make_strength_axis, place_strength
from backend.figures.charts.curves import Column, Figure
from backend.figures.charts.layout import make_layout
from backend.figures.charts.strength_choice import mark_choice
from backend.figures.typed_arrays import encode, encode_exact
from core.analysis.formatting import label_regularizer
from core.analysis.selection import Selection
from core.spec import BASELINE

Array = NDArray[np.float64]

METRIC = "coefficients"
# How many lines have a colour; the others are grey.
_MOST_STRONG = 10


@dataclass(frozen=True)
class RunCoefficients:
    """The coefficients of one run, shape (outputs, features)."""

    regularizer: str
    strength: float
    seed: int
    values: Array


@dataclass(frozen=True)
class Path:
    """Means over seeds by rising strength: ``values`` has shape (strengths, features), of one output.

    ``zero``, of the same shape: whether exactly 0 in every seed.
    """

    strengths: list[float]
    values: Array
    zero: NDArray[np.bool_]


def draw_paths(
    runs: Sequence[RunCoefficients],
    regularizers: Sequence[str],
    features: Sequence[str],
    output: int,
    outputs: Sequence[str],
    choices: Mapping[str, Selection | None] | None = None,
) -> list[Column]:
    """A column per regularizer with the paths of one ``output``.

    ``choices``: by regularizer, the strengths that validation chooses.
    The baseline is drawn at strength 0, unless smaller strengths are stronger or the sweep has 0 itself.
    """
    scales = [make_scale(key, _list_strengths(runs, key)) for key in regularizers]
    paths = [average_paths(runs, scale, output) for scale in scales]
    extent = _find_range([path.values for path in paths])
    return [
        Column(scale.regularizer, label_regularizer(scale.regularizer), scale, {METRIC: figure})
        for scale, path in zip(scales, paths, strict=True)
        for choice in [(choices or {}).get(scale.regularizer)]
        for figure in [_draw(path, scale, features, output, outputs, extent, choice)]
    ]


def _list_strengths(runs: Sequence[RunCoefficients], key: str) -> list[float]:
    swept = [run.strength for run in runs if run.regularizer == key]
    reverse = make_scale(key, []).smaller_is_stronger
    base = any(run.regularizer == BASELINE for run in runs)
    return [0.0, *swept] if base and not reverse else swept


def average_paths(runs: Sequence[RunCoefficients], scale: ColourScale, output: int) -> Path:
    """The path of one regularizer: means over the seeds of each strength on ``scale``."""
    strengths = [tick.strength for tick in scale.ticks]
    means, zeros = [], []
    for strength in strengths:
        own = [r.values[output] for r in runs if (r.regularizer, r.strength) == (scale.regularizer, strength)]
        stack = np.stack(own or [run.values[output] for run in runs if run.regularizer == BASELINE])
        means.append(stack.mean(axis=0))
        zeros.append((stack == 0).all(axis=0))
    width = len(runs[0].values[output]) if runs else 0
    shape = (len(strengths), width)
    return Path(strengths, np.reshape(means, shape), np.reshape(zeros, shape).astype(bool))


def _find_range(values: Sequence[Array]) -> list[float]:
    """The y-range of a row, including 0."""
    finite = [array[np.isfinite(array)] for array in values]
    low = min([0.0, *(float(array.min()) for array in finite if array.size)])
    high = max([0.0, *(float(array.max()) for array in finite if array.size)])
    room = 0.05 * (high - low) or 1.0
    return [low - room, high + room]


def _draw(
    path: Path,
    scale: ColourScale,
    features: Sequence[str],
    output: int,
    outputs: Sequence[str],
    extent: list[float],
    choice: Selection | None,
) -> Figure:
    name = f"class {outputs[output]}" if len(outputs) > 1 else ""
    places = np.array([place_strength(strength, scale) for strength in path.strengths])
    order = _rank(path)
    strong, weak = order[:_MOST_STRONG], order[_MOST_STRONG:]
    ranked = list(enumerate(strong.tolist()))
    traces = [_draw_strong(path, places, features, index, pick_category(rank)) for rank, index in reversed(ranked)]
    if len(weak):
        traces.insert(0, _draw_weak(path, places, features, sorted(weak.tolist())))
    y_axis = {"range": extent, "zeroline": True, "zerolinecolor": NEUTRAL, "zerolinewidth": 1}
    meta = {
        "metric": METRIC,
        "title": f"Coefficients over {scale.symbol}" + (f", {name}" if name else ""),
        "percent": False,
        "better": "neither",
        "shown": path.values.size,
        "total": path.values.size,
        "outside": int(np.count_nonzero(~np.isfinite(path.values))),
        "strong": len(strong) if len(weak) else 0,
        "sentence": _describe(path, scale, features, name, order),
        "zeros": summarize_zeros(path, scale),
        "outputs": list(outputs),
        "ranges": {"y": {"linear": extent}},
    }
    layout = make_layout(make_strength_axis(scale), y_axis, meta)
    return {"data": traces, "layout": layout | mark_choice(choice, scale)}


def _rank(path: Path) -> NDArray[np.int64]:
    """The features by their largest coefficient at any strength, descending."""
    if not path.values.size:
        return np.arange(path.values.shape[1])
    size = np.nan_to_num(np.abs(path.values)).max(axis=0)
    return np.argsort(-size, kind="stable")


def _trace(kind: str, x: Array, y: Array, path: Path, **more: Any) -> Figure:
    meta = {
        "kind": kind,
        "metric": METRIC,
        "baseline": False,
        "strengths": path.strengths,
        "runs": [],
        "seeds": [],
        **more.pop("meta"),
    }
    return {
        "type": "scatter",
        "x": encode_exact(x),
        "y": encode(y),
        "hoverinfo": "skip",
        "showlegend": False,
        **more,
        "meta": meta,
    }


def _draw_strong(path: Path, places: Array, features: Sequence[str], index: int, colour: str) -> Figure:
    own = path.values[:, index]
    return _trace(
        "path", places, own, path,
        uid=f"path-{index}",
        mode="lines+markers" if len(path.strengths) > 1 else "markers",
        line={"color": colour, "width": 1.8},
        marker={"size": 4, "color": colour},
        meta={"features": [features[index]]},
    )  # fmt: skip


def _draw_weak(path: Path, places: Array, features: Sequence[str], indices: Sequence[int]) -> Figure:
    """One grey trace of all these features, separated by gaps."""
    gaps = np.full((len(indices), 1), np.nan)
    y = np.concatenate([path.values[:, indices].T, gaps], axis=1).ravel()[:-1]
    x = np.concatenate([np.tile(places, (len(indices), 1)), gaps], axis=1).ravel()[:-1]
    return _trace(
        "paths", np.nan_to_num(x), y, path,
        uid="paths",
        mode="lines" if len(path.strengths) > 1 else "markers",
        line={"color": NEUTRAL, "width": 1},
        marker={"size": 4, "color": NEUTRAL},
        opacity=0.45,
        meta={"features": [features[index] for index in indices]},
    )  # fmt: skip


def summarize_zeros(path: Path, scale: ColourScale) -> list[dict[str, Any]]:
    """How many coefficients are exactly 0 at each labelled strength."""
    return [
        {"label": tick.label, "zeros": int(zero.sum()), "total": zero.size}
        for tick, zero in zip(scale.ticks, path.zero, strict=True)
        if tick.major
    ]


def _describe(path: Path, scale: ColourScale, features: Sequence[str], name: str, order: NDArray[np.int64]) -> str:
    label = label_regularizer(scale.regularizer)
    of = f" of {name}" if name else ""
    if not path.values.size:
        return f"Coefficients{of} over the strength of {label}: none is known yet."
    strongest = ", ".join(features[index] for index in order[:3])
    first, last = (f"{scale.symbol} = {scale.ticks[i].label}" for i in (0, -1))
    zeros = [int(path.zero[i].sum()) for i in (0, -1)]
    return (
        f"Coefficients{of} of {len(features)} features over {len(path.strengths)} strengths of {label}, a line per "
        f"feature. The largest belong to {strongest}. Exactly 0 are {zeros[0]} at {first} and {zeros[1]} at {last}."
    )
