"""Reduction: extremes kept, order kept, no more than asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from core.analysis.curves.downsampling import choose_points

values = st.one_of(st.floats(-1e6, 1e6), st.just(float("nan")), st.integers(-2, 2).map(float))
curves = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40), elements=values)


@given(curves, st.integers(4, 50))
def test_chosen_points_are_few_ordered_and_hold_the_extremes(curves: NDArray[np.float64], points: int) -> None:
    chosen = choose_points(curves, points)
    assert chosen.shape[1] <= points
    assert (np.diff(chosen, axis=1) > 0).all()
    assert (chosen[:, 0] == 0).all()
    assert (chosen[:, -1] == curves.shape[1] - 1).all()
    for curve, index in zip(curves, chosen, strict=True):
        finite = curve[~np.isnan(curve)]
        if finite.size:
            assert np.nanmin(curve[index]) == finite.min()
            assert np.nanmax(curve[index]) == finite.max()


@given(curves, st.integers(4, 50))
def test_a_curve_is_reduced_the_same_alone_and_twice(curves: NDArray[np.float64], points: int) -> None:
    chosen = choose_points(curves, points)
    np.testing.assert_array_equal(chosen, choose_points(curves.copy(), points))
    for row, curve in zip(chosen, curves, strict=True):
        np.testing.assert_array_equal(row, choose_points(curve[None], points)[0])


def test_a_short_curve_is_complete() -> None:
    np.testing.assert_array_equal(choose_points(np.zeros((2, 5)), 5), [[0, 1, 2, 3, 4]] * 2)


def test_a_single_spike_survives() -> None:
    curve = np.zeros((1, 10_000))
    curve[0, 6543] = -1
    assert 6543 in choose_points(curve, 100)


def test_a_diverged_tail_stays_a_gap() -> None:
    curve = np.arange(1000.0)[None]
    curve[0, 400:] = np.nan
    kept = choose_points(curve, 100)[0]
    assert np.isnan(curve[0, kept[kept >= 420]]).all()
    assert 399 in kept


@pytest.mark.parametrize("points", [3, 0, -5])
def test_too_few_points_are_refused(points: int) -> None:
    with pytest.raises(ValueError, match="at least 4"):
        choose_points(np.zeros((1, 10)), points)


@given(curves, st.integers(4, 30))
def test_a_curve_that_grows_keeps_its_choice_until_buckets_double(curves: NDArray[np.float64], points: int) -> None:
    shorter, longer = (choose_points(curves[:, :stop], points)[0] for stop in (curves.shape[1] - 1, curves.shape[1]))
    # All but the last bucket and the last entry; where the width doubled, about half as many are left.
    same = np.flatnonzero(shorter[: len(longer)] != longer[: len(shorter)])
    kept = same[0] if same.size else min(len(shorter), len(longer))
    assert kept >= len(shorter) - 3 or len(longer) <= len(shorter) // 2 + 3
