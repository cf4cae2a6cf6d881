"""Ranges show what is typical, whatever one run does."""

from __future__ import annotations

import numpy as np

from backend.figures.ranges import count_outside, find_range

CURVES = np.linspace(2.0, 0.1, 20)[None, :] + np.linspace(0, 0.3, 9)[:, None]
BASELINE = np.linspace(2.0, 0.5, 20)[None, :]


def test_range_holds_all_of_ordinary_curves() -> None:
    low, high = find_range([(CURVES, False), (BASELINE, True)])
    assert 0 < 0.1 - low < 0.2
    assert 0 < high - 2.3 < 0.2


def test_a_diverging_run_does_not_squash_the_others() -> None:
    wild = CURVES.copy()
    wild[0, -5:] = [1e3, 1e6, 1e12, np.inf, np.nan]
    low, high = find_range([(wild, False), (BASELINE, True)])
    assert high < 6
    assert low > -1
    assert count_outside(wild, low, high) == 1


def test_the_baseline_is_always_in_range() -> None:
    overfit = np.linspace(0.5, 40.0, 20)[None, :]
    _, high = find_range([(CURVES, False), (overfit, True)])
    assert high > 40


def test_log_range_ignores_zeros_and_has_a_floor() -> None:
    curves = np.array([[1.0, 1e-3, 0.0, 1e-30]])
    low, high = find_range([(curves, False)], log=True)
    assert -6.5 < low < -5.5
    assert 0 < high < 1


def test_constant_and_empty_curves_have_a_range() -> None:
    low, high = find_range([(np.full((2, 5), 0.7), False)])
    assert low < 0.7 < high
    assert find_range([(np.full((2, 5), np.nan), False)]) == [0.0, 1.0]
    assert find_range([(np.empty((0, 0)), True)]) == [0.0, 1.0]
