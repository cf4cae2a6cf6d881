"""Definitions of a gradient, a proximal map and a projection, as properties for any numbers, in float64.

The tables name every regularizer that acts in that way; one that is missing fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor

from tests.worker.training.sweeps import REGULARIZERS
from worker.training.regularizers import REGULARIZERS as CLASSES
from worker.training.regularizers import Regularizer, make_regularizer

few = settings(max_examples=25)


def find(way: str) -> list[str]:
    """Entries of the sweeps' table whose class acts in this way."""
    return [name for name, entry in REGULARIZERS.items() if way in CLASSES[entry["name"]].acts_by]


shrinking = pytest.mark.parametrize("name", find("shrink"))
numbers = st.floats(-1e3, 1e3, allow_subnormal=False)
strengths = st.floats(-5, 2).map(lambda power: 10**power)
mixings = st.sampled_from([0.0, 0.3, 1.0])


@st.composite
def draw_points(draw: Any, count: int) -> list[Tensor]:
    """``count`` tensors (1, rows, columns) of one shape."""
    shape = (count, 1, draw(st.integers(1, 3)), draw(st.integers(1, 9)))
    return list(torch.from_numpy(draw(arrays(np.float64, shape, elements=numbers))))


@st.composite
def draw_steps(draw: Any, shape: tuple[int, ...]) -> Tensor:
    """η: one for all (1, 1, 1), or one per weight, over 8 orders of magnitude."""
    chosen = draw(st.sampled_from([(1, 1, 1), shape]))
    return torch.from_numpy(10 ** draw(arrays(np.float64, chosen, elements=st.floats(-6, 2))))


def make(name: str, strength: float, mixing: float = 0.3) -> Regularizer:
    parameters = {key: value for key, value in REGULARIZERS[name].items() if key != "name"}
    if "mixing" in parameters:
        parameters["mixing"] = mixing
    return make_regularizer(REGULARIZERS[name]["name"], torch.tensor([strength], dtype=torch.float64), parameters)


def shrink(regularizer: Regularizer, point: Tensor, step: Tensor) -> Tensor:
    result = point.clone()
    regularizer.shrink(result, regularizer.strengths * step)
    return result


def bound_pull_of_weights(pull: Tensor, result: Tensor, mixing: float) -> Tensor:
    """By how much ``pull`` = (v − w)/(λη) is outside the subgradients of a·Σ|w| + (1 − a)/2·Σw² at w = ``result``."""
    rest = pull - (1 - mixing) * result
    return torch.where(result == 0, rest.abs() - mixing, (rest - mixing * result.sign()).abs())


def bound_pull_of_rows(pull: Tensor, result: Tensor, mixing: float) -> Tensor:
    """As above, of Σ√n·‖w_j‖₂: √n·w_j/‖w_j‖₂, or anything no longer than √n where w_j = 0."""
    root, norm = result.shape[2] ** 0.5, result.norm(dim=2, keepdim=True)
    beyond = (pull - root * result / norm).abs()
    return torch.where(norm == 0, pull.norm(dim=2, keepdim=True) - root, beyond)


BOUNDS: dict[str, Callable[[Tensor, Tensor, float], Tensor]] = {
    "l1": lambda pull, result, mixing: bound_pull_of_weights(pull, result, 1.0),
    "elastic_net": bound_pull_of_weights,
    "group_lasso": bound_pull_of_rows,
}


def test_every_regularizer_that_acts_on_weights_has_a_property() -> None:
    """A gradient is compared with autograd's in test_regularizers.py."""
    assert set(BOUNDS) == set(find("shrink"))
    assert set(find("project")) == {"max_norm"}
    assert set(find("decay")) == {"weight_decay"}


@shrinking
@few
@given(st.data(), strengths, mixings)
def test_a_proximal_map_satisfies_the_condition_of_the_optimum(
    name: str, data: st.DataObject, strength: float, mixing: float
) -> None:
    """(v − w)/(λη) is a subgradient of Ω at w: 0 ∈ ∂(½Σ(w − v)²/η + λΩ(w)), in the metric 1/η."""
    (point,) = data.draw(draw_points(1))
    step = data.draw(draw_steps(tuple(point.shape)))
    result = shrink(make(name, strength, mixing), point, step)
    pull = (point - result) / (strength * step)
    # What rounding of v, and of numbers near a threshold, comes to.
    slack = 1e-12 * (1 + point.abs() / (strength * step) + pull.abs().amax(2, keepdim=True))
    assert (BOUNDS[name](pull, result, mixing) <= slack).all()


@shrinking
@few
@given(st.data(), strengths, mixings)
def test_a_proximal_map_is_of_the_omega_that_is_reported(
    name: str, data: st.DataObject, strength: float, mixing: float
) -> None:
    """½Σ(w − v)²/η + λΩ(w) is least at the result: no other point has less."""
    point, way = data.draw(draw_points(2))
    step = data.draw(draw_steps(tuple(point.shape)))
    regularizer = make(name, strength, mixing)
    result = shrink(regularizer, point, step)

    def compute(weights: Tensor) -> float:
        return float(((weights - point) ** 2 / step).sum() / 2 + strength * regularizer.compute_omega([weights]))

    least = compute(result)
    for size in (1e-6, 1e-3, 1.0):
        for other in (result + size * way, result * (1 - size), result + size * (point - result)):
            assert least <= compute(other) * (1 + 1e-11) + 1e-11


@shrinking
@few
@given(st.data(), strengths, mixings)
def test_a_proximal_map_never_parts_two_points(name: str, data: st.DataObject, strength: float, mixing: float) -> None:
    """Firmly non-expansive in the metric M = 1/η: ‖p − q‖²_M ≤ ⟨p − q, x − y⟩_M."""
    x, y = data.draw(draw_points(2))
    step = data.draw(draw_steps(tuple(x.shape)))
    p, q = (shrink(make(name, strength, mixing), point, step) for point in (x, y))
    slack = 1e-12 * ((x.abs() + y.abs()) ** 2 / step).sum()
    assert ((p - q) ** 2 / step).sum() <= ((p - q) * (x - y) / step).sum() + slack


@shrinking
@few
@given(st.data(), mixings)
def test_a_proximal_map_of_strength_0_changes_no_bit(name: str, data: st.DataObject, mixing: float) -> None:
    (point,) = data.draw(draw_points(1))
    step = data.draw(draw_steps(tuple(point.shape)))
    for dtype in (torch.float64, torch.float32):
        before = point.to(dtype)
        result = shrink(make(name, 0.0, mixing), before, step.to(dtype))
        assert torch.equal(result, before)


@shrinking
@few
@given(st.data(), strengths, st.sampled_from([torch.float32, torch.float64]))
def test_what_a_run_shrinks_to_does_not_depend_on_its_neighbours(
    name: str, data: st.DataObject, strength: float, dtype: torch.dtype
) -> None:
    points = torch.cat(data.draw(draw_points(data.draw(st.integers(2, 7))))).to(dtype)
    step = data.draw(draw_steps(tuple(points.shape))).to(dtype)
    together, step = shrink(make(name, strength), points, step), step.expand(len(points), -1, -1)
    for run in range(len(points)):
        alone = shrink(make(name, strength), points[run : run + 1], step[run : run + 1])
        assert torch.equal(alone[0], together[run])


@few
@given(draw_points(2), strengths)
def test_a_projection_finds_the_nearest_point_of_its_set(points: list[Tensor], bound: float) -> None:
    """⟨x − Px, z − Px⟩ ≤ 0 for every z of the set; points within stay; idempotent."""
    x, y = points
    regularizer = make("max_norm", bound)
    p, q = x.clone(), y.clone()
    regularizer.project(p)
    regularizer.project(q)
    norm = x.norm(dim=2, keepdim=True)
    assert torch.allclose(p.norm(dim=2, keepdim=True), norm.clamp(max=bound), rtol=1e-14, atol=0)
    assert torch.equal(torch.where(norm <= bound, p, 0), torch.where(norm <= bound, x, 0))
    scale = float(x.norm() + y.norm()) ** 2
    assert (((x - p) * (q - p)).sum(2) <= 1e-13 * scale).all()
    assert float((p - q).norm()) <= float((x - y).norm()) * (1 + 1e-13) + 1e-13
    again = p.clone()
    regularizer.project(again)
    assert torch.allclose(again, p, rtol=1e-15, atol=0)


@pytest.mark.parametrize("name", find("gradient"))
@few
@given(draw_points(2), strengths)
def test_a_gradient_is_the_slope_of_omega(name: str, points: list[Tensor], strength: float) -> None:
    """By central differences of λΩ along a way, from where no kink is near."""
    point, way = points[0] + points[0].sign() + (points[0] == 0), points[1] / 1e3
    regularizer = make(name, strength)
    gradient = torch.zeros_like(point)
    regularizer.add_gradient(point, gradient)
    ahead, behind = (regularizer.compute_omega([point + side * way]) for side in (1e-5, -1e-5))
    expected = strength * float(ahead - behind) / 2e-5
    assert float((gradient * way).sum()) == pytest.approx(expected, rel=1e-6, abs=1e-6 * strength * (1 + float(ahead)))


@few
@given(draw_points(1), strengths, st.floats(1e-4, 10))
def test_weight_decay_shrinks_by_its_share_beside_the_step(points: list[Tensor], strength: float, rate: float) -> None:
    weight = points[0].clone()
    make("weight_decay", strength).decay(weight, rate)
    assert torch.allclose(weight, points[0] - rate * strength * points[0], rtol=1e-12, atol=1e-12 * rate * strength)
