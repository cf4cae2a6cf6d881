"""The words of ridgelines: title, shares of zeros, alternative text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from backend.figures.axes.colour_scale import ColourScale
from backend.figures.charts.ridges import Choice, Ridge
from core.analysis.digits import format_scores, tell_apart
from core.analysis.formatting import label_regularizer

_MIDDLE = [0.05, 0.95]


def name_chart(choice: Choice, scale: ColourScale | None) -> str:
    of = f" of layer {choice.layer}" if choice.layer else ""
    over = f" by {scale.symbol}" if scale else ""
    return f"Weights{of}{over}" + ("" if choice.epoch is None else f", epoch {choice.epoch:,}")


def write_shares(ridges: Sequence[Ridge], choice: Choice) -> list[str]:
    """The share of exact zeros of each, never rounded to none or all."""
    shares = [ridge.pool.zero_share for ridge in ridges]
    known = [share for share in shares if np.isfinite(share)]
    texts = dict(zip([*known, 0.0, 1.0], format_scores([*known, 0.0, 1.0], "classification"), strict=True))
    texts |= {0.0: "0 %", 1.0: "100 %"}
    about = "≈ " if choice.estimated else ""
    return [(about if 0 < share < 1 else "") + texts.get(share, "") for share in shares]


def find_middle(ridge: Ridge) -> list[float] | None:
    """The middle 90 % of the weights that are not 0."""
    return ridge.pool.find_quantiles(_MIDDLE)


def format_weights(weights: Sequence[float]) -> list[str]:
    return tell_apart(weights, lambda weight, digits: f"{weight:.{digits}g}".replace("-", "−"), 2)


def describe_ridges(
    ridges: Sequence[Ridge],
    shares: Sequence[str],
    choice: Choice,
    counts: Mapping[str, int],
    key: str,
) -> str:
    of = f"layer {choice.layer}" if choice.layer else "all layers"
    start = f"Histograms of the weights of {of}"
    if not ridges:
        return f"{start}: none is recorded yet."
    swept = sum(not ridge.baseline for ridge in ridges)
    many = f"{_count(swept, 'strength')} of {label_regularizer(key)}" if swept else "the baseline"
    zeros = [f"{share} {_place(ridge)}" for ridge, share in zip(ridges, shares, strict=True) if ridge.pool.zeros]
    parts = [
        f"{start} after epoch {choice.epoch:,}, a ridge for each of {many}"
        f"{', above the baseline' if 0 < swept < len(ridges) else ''}, pooled over seeds.",
        _describe_widths(ridges),
        f"Exactly 0 are {'; '.join(zeros)}." if zeros else "No weight of them is exactly 0.",
        f"Of {_count(counts['earlier'], 'run')} the newest histogram is of an earlier epoch."
        if counts["earlier"]
        else "",
    ]
    return " ".join(part for part in parts if part)


def _describe_widths(ridges: Sequence[Ridge]) -> str:
    """The middle 90 % of the first and the last ridge that have weights other than 0."""
    found = [(ridge, inner) for ridge in ridges if (inner := find_middle(ridge)) is not None]
    if not found:
        return "All weights are 0."
    ends = [found[0], found[-1]] if len(found) > 1 else found
    values = [value for _, inner in ends for value in inner]
    texts = format_weights(values)
    named = [
        f"from {texts[2 * place]} to {texts[2 * place + 1]} {_place(ridge)}" for place, (ridge, _) in enumerate(ends)
    ]
    return f"The middle 90 % of those that are not 0 reach {' and '.join(named)}."


def _place(ridge: Ridge) -> str:
    return f"{'in' if ridge.baseline else 'at'} {ridge.name}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
