"""Weight measures and histograms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from worker.training.stack.measures import WeightMeasures, choose_histogram_epochs, count_weights


def test_counts_are_numpys() -> None:
    weights = torch.randn(4, 30, 20, generator=torch.Generator().manual_seed(0))
    weights[1] = 0.25
    weights[2, :15] = 0
    low, high, counts = count_weights(weights, 16)
    for run in range(4):
        expected, edges = np.histogram(weights[run].double().numpy(), 16)
        assert (low[run].item(), high[run].item()) == (edges[0], edges[-1])
        # numpy moves a value that rounding put across an edge; nothing here lies on one but the run of equal values.
        assert abs(counts[run].numpy() - expected).sum() <= 2
        assert counts[run].sum() == 600


def test_a_zero_is_exactly_zero() -> None:
    weight = torch.tensor([[[0.0, -0.0, 1e-38, 3.0]], [[1.0, 1.0, -1.0, 2.0]]])
    measured = WeightMeasures([weight, weight]).summarize()
    assert measured["zero_share"].tolist() == [0.5, 0.0]
    assert measured["weight_l1"].tolist() == [6.0, 10.0]
    assert measured["weight_l2"].tolist() == pytest.approx([18**0.5, 14**0.5])


@given(st.integers(1, 100_000))
def test_histograms_are_few_and_include_both_ends(epochs: int) -> None:
    chosen = choose_histogram_epochs(epochs)
    assert {1, epochs} <= chosen <= set(range(1, epochs + 1))
    assert len(chosen) == min(epochs, 12)
