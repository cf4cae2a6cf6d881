"""Properties of the proximal maps, for any numbers."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from worker.training.regularizers import make_regularizer

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
points = st.lists(numbers, min_size=1, max_size=8)
step_sizes = st.floats(1e-9, 1e3)
mixings = st.floats(0, 1)


def apply_proximal(point: list[float], scaled: float, mixing: float) -> Tensor:
    """The elastic net's map at λη = ``scaled``; the lasso's where mixing is 1."""
    weight = torch.tensor(point, dtype=torch.float64).view(1, 1, -1).clone()
    name = "l1" if mixing == 1 else "elastic_net"
    regularizer = make_regularizer(name, torch.tensor([scaled], dtype=torch.float64), {"mixing": mixing})
    regularizer.shrink(weight, regularizer.strengths * 1.0)
    return weight.flatten()


@given(points, step_sizes, mixings)
def test_the_result_is_the_optimum(point: list[float], scaled: float, mixing: float) -> None:
    """0 ∈ p − x + t·(a·∂|p| + (1 − a)·p), coordinate by coordinate."""
    x, p = torch.tensor(point, dtype=torch.float64), apply_proximal(point, scaled, mixing)
    slack = 1e-12 * (x.abs() + scaled)
    pull = x - p - scaled * (1 - mixing) * p
    nonzero = p != 0
    assert ((pull - scaled * mixing * p.sign()).abs() <= 4 * slack)[nonzero].all()
    assert (x.abs() <= scaled * mixing + slack)[~nonzero].all()


@given(points, points, step_sizes, mixings)
def test_the_map_is_non_expansive(first: list[float], second: list[float], scaled: float, mixing: float) -> None:
    """Non-expansive: |prox(x) − prox(y)| ≤ |x − y|, and in the same order."""
    size = min(len(first), len(second))
    x, y = (torch.tensor(point[:size], dtype=torch.float64) for point in (first, second))
    p, q = (apply_proximal(point[:size], scaled, mixing) for point in (first, second))
    slack = 1e-12 * (x.abs() + y.abs() + scaled)
    assert ((p - q).abs() <= (x - y).abs() + slack).all()
    assert ((p - q) * (x - y) >= 0).all()


@given(points, step_sizes)
def test_the_lasso_sets_the_small_to_0_and_moves_the_others_by_the_threshold(point: list[float], scaled: float) -> None:
    x, p = torch.tensor(point, dtype=torch.float64), apply_proximal(point, scaled, 1.0)
    assert torch.equal(p == 0, x.abs() <= scaled)
    moved = (x - p).abs()[p != 0]
    assert (moved - scaled).abs().le(1e-9).all()
