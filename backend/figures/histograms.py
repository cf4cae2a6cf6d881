"""Histograms of weights: exact zeros taken out, and runs pooled on common bins. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.db.queries.histograms import LayerHistogram

Array = NDArray[np.float64]

BINS = 160
# The axis of the weights holds all but so much of each ridge at either end.
TAIL = 0.01
# So many edges are enough to find a quantile.
_MOST_MARKS = 2_000


@dataclass(frozen=True)
class Bars:
    """``masses`` of weights in bins of equal width from ``low`` to ``high``, without the ``zeros`` among them."""

    low: float
    high: float
    masses: Array
    zeros: float

    @property
    def edges(self) -> Array:
        return np.linspace(self.low, self.high, len(self.masses) + 1)


@dataclass(frozen=True)
class Pool:
    """The weights of several runs. ``bars``: one per run and layer."""

    bars: tuple[Bars, ...]

    @property
    def zeros(self) -> float:
        return sum(own.zeros for own in self.bars)

    @property
    def weights(self) -> float:
        return self.zeros + sum(float(own.masses.sum()) for own in self.bars)

    @property
    def zero_share(self) -> float:
        """The share of exact zeros; NaN without weights."""
        return self.zeros / self.weights if self.weights else np.nan

    def spread(self, edges: Array) -> Array:
        """The masses between ``edges``; within a bin the weights count as evenly spread."""
        total = np.zeros(len(edges) - 1)
        for own in self.bars:
            below = np.concatenate([[0.0], np.cumsum(own.masses)])
            total += np.diff(np.interp(edges, own.edges, below))
        return total

    def find_quantiles(self, shares: Sequence[float]) -> list[float] | None:
        """Of the weights that are not 0; None where there are none."""
        if not self.bars:
            return None
        marks = np.unique(np.concatenate([own.edges for own in self.bars]))
        marks = np.union1d(marks[:: 1 + len(marks) // _MOST_MARKS], marks[-1:])
        below = np.concatenate([[0.0], np.cumsum(self.spread(marks))])
        if below[-1] <= 0:
            return None
        found: list[float] = np.interp(np.asarray(shares) * below[-1], below, marks).tolist()
        return found


def take_zeros(histograms: Sequence[LayerHistogram]) -> dict[str, Bars]:
    """By layer, the bars of one run, whose exact zeros are known for all layers together.

    They lie in the bins that hold 0. Of these each layer gives up what it has above the mean of the neighbours, or as
    much more or less in proportion as makes the run's number of zeros.
    """
    counts = {own.layer: own.counts.astype(np.float64) for own in histograms}
    share = next((own.zero_share for own in histograms if own.zero_share is not None), 0.0)
    zeros = float(round(share * sum(float(own.sum()) for own in counts.values())))
    places = {own.layer: _find_zero(own) for own in histograms}
    held = np.array([0.0 if (at := places[layer]) is None else own[at] for layer, own in counts.items()])
    above = np.array([_find_excess(own, places[layer]) for layer, own in counts.items()])
    taken = _divide(zeros, above, held)
    bars = {}
    for own, part in zip(histograms, taken.tolist(), strict=True):
        masses, at = counts[own.layer], places[own.layer]
        if at is not None:
            masses[at] -= part
        bars[own.layer] = Bars(own.low, own.high, masses, part)
    return bars


def _find_zero(histogram: LayerHistogram) -> int | None:
    """The index of the bin that holds 0, by the rule that counted it."""
    low, high, bins = histogram.low, histogram.high, len(histogram.counts)
    if not low <= 0 <= high or not bins:
        return None
    return min(max(int(-low * (bins / (high - low))), 0), bins - 1)


def _find_excess(counts: Array, at: int | None) -> float:
    if at is None:
        return 0.0
    beside = counts[max(at - 1, 0) : at + 2]
    others = (beside.sum() - counts[at]) / max(len(beside) - 1, 1)
    return float(np.clip(counts[at] - others, 0, counts[at]))


def _divide(zeros: float, above: Array, held: Array) -> Array:
    """``zeros`` in parts of at most ``held``: first in proportion to ``above``, then to what is left."""
    zeros, most = min(zeros, float(held.sum())), float(above.sum())
    if zeros <= most:
        return above * (zeros / most) if most else np.zeros_like(above)
    left = held - above
    return np.minimum(above + left * ((zeros - most) / float(left.sum())), held)


def pool(bars: Sequence[Bars]) -> Pool:
    """What is finite of them."""
    return Pool(tuple(own for own in bars if np.isfinite([own.low, own.high]).all()))


def find_edges(pools: Sequence[Pool]) -> Array:
    """The edges of common bins: all but the outermost weights of each pool, and 0."""
    ends = [found for own in pools if (found := own.find_quantiles([TAIL, 1 - TAIL])) is not None]
    low, high = min([0.0, *(end[0] for end in ends)]), max([0.0, *(end[1] for end in ends)])
    if low == high:
        low, high = -1.0, 1.0
    return np.linspace(low, high, BINS + 1)


def order_layers(layers: Sequence[str]) -> list[str]:
    """From the input to the output: by the numbers in their names, the stem first, the output last."""
    return sorted(set(layers), key=lambda name: (name == "output", name != "stem", _split(name)))


def _split(name: str) -> list[tuple[int, str]]:
    """A sort key by which layer 10 follows layer 9."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
