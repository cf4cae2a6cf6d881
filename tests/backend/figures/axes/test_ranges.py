"""Ranges show what is typical, whatever one run does."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.figures.axes.ranges import count_below, count_outside, find_range, to_powers

CURVES = np.linspace(2.0, 0.1, 20)[None, :] + np.linspace(0, 0.3, 9)[:, None]
FIRST = np.arange(9) == 0


def test_range_holds_all_of_ordinary_curves() -> None:
    low, high = find_range(CURVES, baseline=FIRST)
    assert 0 < 0.1 - low < 0.2
    assert 0 < high - 2.3 < 0.2


def test_a_diverging_run_does_not_squash_the_others() -> None:
    wild = CURVES.copy()
    wild[0, -5:] = [1e3, 1e6, 1e12, np.inf, np.nan]
    low, high = find_range(wild, baseline=np.arange(9) == 1)
    assert 2.3 < high < 3.2
    assert low > -1
    assert count_outside(wild, low, high) == 1


def test_the_baseline_is_always_in_range() -> None:
    overfit = CURVES.copy()
    overfit[0] = np.linspace(0.5, 400.0, 20)
    _, high = find_range(overfit, baseline=FIRST)
    assert high > 400


def test_many_diverged_runs_do_not_squash_the_sound_ones() -> None:
    wild = CURVES.copy()
    wild[:6, -3:] = 1e9
    _, high = find_range(wild, baseline=np.arange(9) == 8, sound=np.arange(9) >= 6)
    assert 2.3 < high < 3.2


def test_shares_are_shown_whole_and_their_axis_ends_at_0_and_100_percent() -> None:
    zeros = np.full((20, 5), 0.001)
    zeros[-1] = 0.9
    low, high = find_range(zeros, share=True)
    assert low == 0
    assert 0.9 < high <= 1
    zeros[-1] = 1
    assert find_range(zeros, share=True) == [0, 1]
    assert find_range(zeros, share=True, log=True)[1] == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30))
def test_a_range_holds_its_curve_with_some_room_and_round_ends(values: list[float]) -> None:
    low, high = find_range(np.array([values]), most=np.inf)
    assert low <= min(values)
    assert high >= max(values)
    span = high - low
    assert span <= 1.3 * (max(values) - min(values)) or max(values) - min(values) < 1e-9 * max(1, abs(max(values)))


def test_a_range_stays_while_a_curve_moves_a_little() -> None:
    ranges = [find_range(np.array([[2.0, value]]), most=np.inf) for value in np.linspace(0.502, 0.49, 50)]
    assert len({tuple(found) for found in ranges}) <= 2


def test_a_log_axis_counts_the_curves_that_come_to_its_foot() -> None:
    curves = np.array([[1.0, 0.5, 0.0], [1.0, 0.5, 0.25], [1.0, np.nan, np.nan], [1.0, 0.1, 1e-30]])
    low, _ = find_range(curves, log=True)
    assert count_below(curves, low) == 2


def test_a_log_axis_counts_near_the_ends_of_a_float() -> None:
    curves = np.array([[1.7e308, 1e300], [1.0, 0.0], [np.nan, 2.0]])
    low, high = find_range(curves, log=True)
    assert count_below(curves, low) == 3
    assert count_outside(to_powers(curves), -np.inf, high) == 0
    assert count_below(np.array([[1.0, 0.0]]), -330.0) == 1


def test_a_range_is_finite_whatever_a_float_holds() -> None:
    assert np.isfinite(find_range(np.array([[-1.7e308, 1.7e308], [1.0, 2.0]]), most=np.inf)).all()
    assert np.isfinite(find_range(np.array([[1.7e308, 1.7e308]]))).all()


def test_log_range_ignores_zeros_and_has_a_floor() -> None:
    curves = np.array([[1.0, 1e-3, 0.0, 1e-30]])
    low, high = find_range(curves, log=True)
    assert -6.5 < low < -5.5
    assert 0 < high < 1


def test_constant_and_empty_curves_have_a_range() -> None:
    low, high = find_range(np.full((2, 5), 0.7))
    assert low < 0.7 < high
    assert find_range(np.full((2, 5), np.nan)) == [0.0, 1.0]
    assert find_range(np.empty((0, 0))) == [0.0, 1.0]
