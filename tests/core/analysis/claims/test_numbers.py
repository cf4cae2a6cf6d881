"""The claims' numbers, of curves that one can check by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.claims.overfitting import measure_gap, measure_turn
from core.analysis.claims.smoothness import measure_relative_roughness, measure_roughness, split_losses
from core.analysis.claims.speed import find_crossing, measure_fall, measure_rise
from core.analysis.claims.trajectory import Measurement
from core.analysis.claims.weights import measure_largest, measure_norm, measure_zeros
from tests.core.analysis.claims.trajectories import make_trajectory


def read(found: Measurement | None) -> float:
    assert found is not None
    assert not found.censored
    return found.value


BASE = make_trajectory((2.0, 1.0, 0.4, 0.0))


def test_half_of_the_fall_lies_where_the_line_between_two_epochs_crosses_it() -> None:
    assert measure_fall(BASE, BASE, 0.5) == Measurement(1.0)
    assert read(measure_fall(BASE, BASE, 0.9)) == pytest.approx(2.5)
    slow = make_trajectory((2.0, 1.8, 1.2, 0.8))
    assert read(measure_fall(slow, BASE, 0.5)) == pytest.approx(2.5)


def test_epochs_count_from_the_first_that_is_recorded() -> None:
    late = make_trajectory((2.0, 1.0, 0.4, 0.0), start=1)
    assert measure_fall(late, late, 0.5) == Measurement(2.0)


def test_a_run_that_never_comes_so_far_is_censored() -> None:
    idle = make_trajectory((2.0, 1.9, 1.9, 1.9))
    assert measure_fall(idle, BASE, 0.5) == Measurement(math.inf, censored=True)
    assert measure_rise(idle, BASE, 0.5) == Measurement(math.inf, censored=True)


def test_a_run_that_halving_stopped_has_no_number_unless_it_came_so_far_before() -> None:
    assert measure_fall(make_trajectory((2.0, 1.8), halved=True), BASE, 0.5) is None
    quick = make_trajectory((2.0, 0.5), halved=True)
    assert 0 < read(measure_fall(quick, BASE, 0.5)) < 1
    assert measure_gap(quick) is None
    assert measure_largest(quick) is None


def test_a_baseline_that_does_not_fall_measures_nothing() -> None:
    flat = make_trajectory((1.0, 1.0, 1.5))
    assert measure_fall(BASE, flat, 0.5) is None


@given(st.lists(st.floats(0, 10), min_size=1, max_size=20), st.floats(0, 10))
def test_a_crossing_lies_between_what_is_above_and_what_is_not(values: list[float], level: float) -> None:
    curve = np.array(values)
    found = find_crossing(curve, level)
    if found is None:
        assert (curve > level).all()
    else:
        assert (curve[: math.ceil(found)] > level).all()
        assert curve[math.ceil(found)] <= level or np.interp(found, range(len(curve)), curve) == pytest.approx(level)


@given(st.integers(2, 9), st.floats(-5, 5), st.floats(-1, 1))
def test_a_straight_line_is_perfectly_smooth(steps: int, level: float, slope: float) -> None:
    split = split_losses(level + slope * np.arange(6.0 * steps), steps)
    assert split is not None
    assert np.abs(split[0]).max() < 1e-9


def test_what_repeats_every_epoch_is_all_roughness() -> None:
    """The moving mean of one epoch takes out exactly what repeats in each."""
    for steps, pattern in ((3, [1.0, 2.0, 3.0]), (4, [0.0, 0.0, 1.0, 1.0])):
        run = make_trajectory(batch_losses=np.tile(pattern, 6), steps=steps)
        split = split_losses(run.batch_losses, steps)
        assert split is not None
        assert split[1] == pytest.approx(np.mean(pattern))
        found = read(measure_roughness(run))
        assert found == pytest.approx(np.std(pattern), rel=0.1)
        assert read(measure_relative_roughness(run)) == pytest.approx(found / np.mean(pattern))


def test_single_steps_and_too_few_have_no_roughness() -> None:
    assert measure_roughness(make_trajectory(batch_losses=np.arange(9.0), steps=1)) is None
    assert measure_roughness(make_trajectory(batch_losses=np.arange(7.0), steps=4)) is None
    assert measure_roughness(make_trajectory(batch_losses=np.full(20, np.nan), steps=4)) is None


def test_over_fitting_is_of_the_weights_that_count() -> None:
    validation = np.array([2.0, 0.5, 0.9])
    run = make_trajectory((2.0, 0.4, 0.1), validation_loss=validation, counted=2)
    assert read(measure_gap(run)) == pytest.approx(0.8)
    assert read(measure_turn(run)) == pytest.approx(0.4)
    stopped = make_trajectory((2.0, 0.4, 0.1), validation_loss=validation, counted=1)
    assert read(measure_gap(stopped)) == pytest.approx(0.1)
    assert measure_turn(stopped) == Measurement(0.0)


def test_weights_are_those_of_the_epoch_that_counts() -> None:
    run = make_trajectory(zero_share=np.array([0, 0.2, 0.4]), weight_norm=np.array([3.0, 2.0, 1.0]), counted=1)
    assert (measure_zeros(run), measure_norm(run)) == (Measurement(0.2), Measurement(2.0))
    assert measure_largest(make_trajectory(largest_weight=math.nan)) is None
