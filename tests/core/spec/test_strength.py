"""Grids and lists of strengths."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from core.spec import Grid
from core.spec.regularizer import RegularizerBase, RegularizerSpec
from core.spec.regularizers.base import LEAST_STRENGTH
from core.spec.strength import MAX_STRENGTHS, list_strengths

positive = st.floats(1e-12, 1e6)
legal = st.just(0.0) | st.floats(LEAST_STRENGTH, 1e9)
counts = st.integers(2, MAX_STRENGTHS)
adapter: TypeAdapter[RegularizerBase] = TypeAdapter(RegularizerSpec)


@given(positive, positive, counts)
def test_log_grid_has_constant_ratios_and_exact_ends(start: float, stop: float, count: int) -> None:
    assume(start != stop)
    values = Grid(start=start, stop=stop, count=count).values()
    assert len(values) == count
    assert (values[0], values[-1]) == (start, stop)
    step = (math.log(stop) - math.log(start)) / (count - 1)
    for index, value in enumerate(values):
        assert math.log(value) == pytest.approx(math.log(start) + index * step, abs=1e-9)


@given(st.floats(0, 1e6), st.floats(0, 1e6), counts)
def test_linear_grid_has_constant_differences(start: float, stop: float, count: int) -> None:
    assume(start != stop)
    values = Grid(start=start, stop=stop, count=count, scale="linear").values()
    assert (values[0], values[-1]) == (start, stop)
    for index, value in enumerate(values):
        expected = start + index * (stop - start) / (count - 1)
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-9 * max(start, stop))


def test_decades_come_out_as_people_write_them() -> None:
    assert Grid(start=1e-6, stop=1e-1, count=6).values() == [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
    assert Grid(start=0, stop=1, count=5, scale="linear").values() == [0, 0.25, 0.5, 0.75, 1]


def test_grid_of_one_is_its_start() -> None:
    assert Grid(start=0.5, stop=9, count=1).values() == [0.5]


@pytest.mark.parametrize(
    ("grid", "word"),
    [
        ({"from": 0, "to": 1, "count": 3}, "from > 0"),
        ({"from": 1, "to": 0, "count": 3}, "to > 0"),
        ({"from": 1, "to": 1, "count": 3}, "from ≠ to"),
        ({"from": -1, "to": 1, "count": 3, "scale": "linear"}, "greater than or equal to 0"),
        ({"from": math.nan, "to": 1, "count": 3}, "finite"),
        ({"from": 1, "to": math.inf, "count": 3}, "finite"),
        ({"from": 1, "to": 2, "count": 0}, "greater than or equal to 1"),
        ({"from": 1, "to": 2, "count": MAX_STRENGTHS + 1}, f"less than or equal to {MAX_STRENGTHS}"),
        ({"from": 1, "to": 2, "count": 3, "scale": "cubic"}, "log"),
        ({"from": 1, "to": 2, "count": 3, "base": 10}, "not permitted"),
    ],
)
def test_grids_that_are_refused(grid: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        Grid.model_validate(grid)


@given(st.lists(legal, min_size=1, max_size=20, unique=True))
def test_any_legal_list_is_kept_in_its_order(values: list[float]) -> None:
    regularizer = adapter.validate_python({"name": "l2", "strengths": values})
    assert regularizer.values() == values


@given(st.lists(legal, min_size=1, max_size=10, unique=True), st.data())
def test_a_strength_given_twice_is_refused(values: list[float], data: st.DataObject) -> None:
    twice = data.draw(st.sampled_from(values))
    with pytest.raises(ValidationError, match="twice"):
        adapter.validate_python({"name": "l2", "strengths": [*values, twice]})


@given(st.floats().filter(lambda value: not 0 <= value < math.inf))
def test_negative_and_endless_strengths_are_refused(value: float) -> None:
    for name in ("l1", "l2", "weight_decay", "dropout"):
        with pytest.raises(ValidationError):
            adapter.validate_python({"name": name, "strengths": [value]})


@given(st.just(0.0) | st.floats(LEAST_STRENGTH, 1, exclude_max=True))
def test_probabilities_below_one_are_legal(value: float) -> None:
    assert adapter.validate_python({"name": "dropout", "strengths": [value]}).values() == [value]


@given(st.floats(1, 1e9))
def test_probabilities_from_one_up_are_refused(value: float) -> None:
    with pytest.raises(ValidationError, match=r"\[0, 1\)"):
        adapter.validate_python({"name": "dropout", "strengths": [value]})


def test_zero_is_legal_everywhere() -> None:
    for name in ("l1", "l2", "l1_subgradient", "elastic_net", "weight_decay", "tensor_norm", "dropout"):
        assert adapter.validate_python({"name": name, "strengths": [0]}).values() == [0.0]


def test_both_forms_list_their_strengths() -> None:
    assert list_strengths([1, 2]) == [1.0, 2.0]
    assert list_strengths(Grid(start=1, stop=100, count=3)) == [1, 10, 100]


def test_keys_tell_parameters_apart() -> None:
    keys = [
        adapter.validate_python({"strengths": [1], **given}).key
        for given in (
            {"name": "l1"},
            {"name": "elastic_net"},
            {"name": "elastic_net", "mixing": 0.25},
            {"name": "tensor_norm", "p": 1},
        )
    ]
    assert keys == ["l1", "elastic_net(mixing=0.5)", "elastic_net(mixing=0.25)", "tensor_norm(p=1)"]
