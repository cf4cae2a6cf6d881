"""Histograms of runs on common bins: no weight is lost, and zeros are taken from where they lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.figures.histograms import find_edges, order_layers, pool, take_zeros
from core.db.queries.histograms import LayerHistogram

COUNTS = st.lists(st.integers(0, 1000), min_size=8, max_size=8)
ENDS = st.tuples(st.floats(-10, 10), st.floats(0.01, 10))


def make(counts: list[int], ends: tuple[float, float], share: float, layer: str = "a") -> LayerHistogram:
    low, width = ends
    return LayerHistogram(1, 1, layer, low, low + width, np.array(counts), share)


@given(st.lists(st.tuples(COUNTS, ENDS), min_size=1, max_size=4), st.floats(0, 1))
def test_zeros_and_the_others_are_all_the_weights(
    layers: list[tuple[list[int], tuple[float, float]]], share: float
) -> None:
    histograms = [make(counts, ends, share, str(place)) for place, (counts, ends) in enumerate(layers)]
    bars = take_zeros(histograms)
    for own in histograms:
        taken = bars[own.layer]
        assert taken.masses.min() >= -1e-9
        assert taken.masses.sum() + taken.zeros == pytest.approx(own.counts.sum())
    held = [own.counts.sum() - bars[own.layer].masses.sum() for own in histograms]
    assert sum(held) <= round(share * sum(int(own.counts.sum()) for own in histograms)) + 1e-6


@given(st.lists(st.tuples(COUNTS, ENDS), min_size=1, max_size=4))
def test_common_bins_hold_what_the_runs_own_bins_held(layers: list[tuple[list[int], tuple[float, float]]]) -> None:
    pooled = pool([take_zeros([make(counts, ends, 0)])["a"] for counts, ends in layers])
    edges = np.linspace(-10, 20, 301)
    assert pooled.spread(edges).sum() == pytest.approx(sum(sum(counts) for counts, _ in layers), abs=1e-6)


def test_edges_hold_0_and_almost_all_weights() -> None:
    near, far = make([0, 1000, 1000, 0, 0, 0, 0, 1], (1.0, 8.0), 0), make([0] * 8, (0.0, 1.0), 0)
    edges = find_edges([pool([take_zeros([near])["a"]]), pool([take_zeros([far])["a"]])])
    assert edges[0] == 0
    assert 3.9 < edges[-1] < 4.5


def test_layers_follow_one_another_from_input_to_output() -> None:
    names = [
        "output",
        "stage2.block1.conv1",
        "stage1.block1.conv2",
        "stage1.block1.conv1",
        "stem",
        "stage10.block1.conv1",
    ]
    assert order_layers(names) == [
        "stem", "stage1.block1.conv1", "stage1.block1.conv2", "stage2.block1.conv1", "stage10.block1.conv1", "output",
    ]  # fmt: skip
    assert order_layers(["output", "hidden10", "hidden2"]) == ["hidden2", "hidden10", "output"]
