"""Smoothing: the weighted mean it claims to be, gaps and all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from core.analysis.curves.smoothing import smooth

values = st.one_of(st.floats(-1e3, 1e3), st.just(float("nan")))


@given(arrays(np.float64, st.integers(1, 40), elements=values), st.floats(0, 0.99))
def test_each_point_is_the_weighted_mean_of_the_present_ones_before(
    curve: NDArray[np.float64], smoothing: float
) -> None:
    smoothed = smooth(curve, smoothing)
    np.testing.assert_array_equal(np.isnan(smoothed), np.isnan(curve))
    for step in np.flatnonzero(~np.isnan(curve)):
        past = curve[: step + 1]
        past = past[~np.isnan(past)]
        weights = smoothing ** np.arange(past.size)[::-1]
        assert smoothed[step] == pytest.approx(np.average(past, weights=weights), rel=1e-6, abs=1e-6)


def test_no_smoothing_changes_nothing() -> None:
    curve = np.array([1.0, np.nan, 3.0, -2.0])
    np.testing.assert_array_equal(smooth(curve, 0), curve)


def test_a_constant_curve_stays_where_it_is() -> None:
    np.testing.assert_allclose(smooth(np.full(50, 7.0), 0.95), 7.0)


def test_curves_do_not_mix() -> None:
    curves = np.random.default_rng(0).normal(size=(3, 4, 20))
    np.testing.assert_array_equal(smooth(curves, 0.6)[1, 2], smooth(curves[1, 2], 0.6))


@pytest.mark.parametrize("smoothing", [-0.1, 1.0, float("nan")])
def test_what_is_no_smoothing_is_refused(smoothing: float) -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        smooth(np.zeros(3), smoothing)
