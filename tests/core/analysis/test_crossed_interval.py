"""Intervals over replicates × test examples: the worked example, the limits, and what they cover."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from benchmarks.coverage import CASES, Case, measure_coverage
from core.analysis.crossed_interval import (
    NORMAL,
    adjust_by_holm,
    compare_crossed,
    compare_nested,
    compare_replicates,
)

WORKED = np.array(
    [
        [1, 0, 0, 1, 0, -1, 1, 0, 0, 1],
        [0, 0, 1, 1, 0, 0, 1, 0, 0, 1],
        [1, 0, 0, 1, -1, 0, 1, 0, 1, 1],
        [0, 0, 0, 1, 0, -1, 1, 0, 0, 0],
    ],
    dtype=float,
)
outcomes = st.tuples(st.integers(2, 6), st.integers(2, 30)).flatmap(
    lambda shape: arrays(float, shape, elements=st.sampled_from([-1.0, 0.0, 1.0]))
)


def test_the_worked_example_has_the_figures_that_are_published_with_it() -> None:
    found = compare_crossed(WORKED)
    assert (found.replicates, found.examples) == (4, 10)
    assert found.mean == pytest.approx(0.3)
    assert found.interval is not None
    assert found.interval.degrees == pytest.approx(8.6302183)
    assert found.interval.standard_error == pytest.approx(0.1644294, abs=1e-7)
    assert (found.interval.low, found.interval.high) == pytest.approx((-0.0744089, 0.6744089), abs=1e-7)
    assert found.interval.p == pytest.approx(0.1028005, abs=1e-7)
    parts = found.components
    assert parts is not None
    assert (parts.replicate, parts.example) == pytest.approx((0.0037037, 0.2203704), abs=1e-7)
    widths = [parts.project_half_width(*size) for size in ((4, 10), (math.inf, 10), (4, math.inf))]
    assert widths == pytest.approx([0.322, 0.291, 0.060], abs=5e-4)


@given(outcomes, st.sampled_from([0.25, 3.0]), st.randoms())
def test_it_turns_with_its_sign_and_unit_and_knows_no_order(
    differences: np.ndarray, unit: float, chance: "np.random.Generator"
) -> None:
    found, turned = compare_crossed(differences), compare_crossed(-unit * differences)
    rows, columns = list(range(differences.shape[0])), list(range(differences.shape[1]))
    chance.shuffle(rows)
    chance.shuffle(columns)
    mixed = compare_crossed(differences[rows][:, columns])
    assert turned.mean == pytest.approx(-unit * found.mean)
    assert mixed.mean == pytest.approx(found.mean)
    if found.interval is None:
        assert np.ptp(differences) == 0
        assert mixed.interval is turned.interval is None
        return
    assert turned.interval is not None
    assert mixed.interval is not None
    assert (turned.interval.low, turned.interval.high) == pytest.approx(
        (-unit * found.interval.high, -unit * found.interval.low)
    )
    assert (mixed.interval.low, mixed.interval.p) == pytest.approx((found.interval.low, found.interval.p))
    assert turned.interval.p == pytest.approx(found.interval.p)
    assert 0 <= found.interval.p <= 1
    assert found.interval.excludes_zero == (found.interval.p < 0.05) or found.interval.p == pytest.approx(0.05)
    assert found.interval.degrees >= 1


def test_outcomes_that_are_all_the_same_are_a_tie_without_an_interval() -> None:
    found = compare_crossed(np.zeros((5, 100)))
    assert (found.mean, found.interval, found.is_tie) == (0, None, True)
    moved = compare_crossed(np.ones((5, 100)))
    assert (moved.mean, moved.interval, moved.is_tie) == (1, None, False)


def test_one_replicate_or_one_example_has_a_mean_and_no_interval() -> None:
    for shape in ((1, 4), (4, 1)):
        found = compare_crossed(np.arange(4.0).reshape(shape))
        assert (found.mean, found.interval, found.components, found.is_tie) == (1.5, None, None, False)


def test_opposite_outcomes_that_cancel_are_no_tie() -> None:
    found = compare_crossed(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    assert (found.mean, found.is_tie) == (0, False)
    assert found.interval is not None
    assert found.interval.p == pytest.approx(1)


@pytest.mark.parametrize("bad", [np.zeros(3), np.zeros((0, 3)), np.array([[math.nan, 1.0]])])
def test_what_is_no_matrix_of_numbers_is_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected"):
        compare_crossed(bad)


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=9))
def test_over_replicates_it_is_the_paired_t_test(differences: list[int]) -> None:
    found = compare_replicates(np.array(differences, dtype=float))
    if len(set(differences)) == 1:
        assert found is None
        return
    peer = stats.ttest_1samp(differences, 0)
    assert found is not None
    assert found.p == pytest.approx(peer.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(peer.confidence_interval()))
    wider = compare_replicates(np.array(differences, dtype=float), correction=1 / len(differences))
    assert wider is not None
    assert wider.standard_error == pytest.approx(math.sqrt(2) * found.standard_error)


def test_holm_adjusts_as_published() -> None:
    assert adjust_by_holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjust_by_holm([0.6, 0.9]) == [1.0, 1.0]
    assert adjust_by_holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_adjusted_values_keep_their_order_and_lie_between_their_own_and_bonferronis(p_values: list[float]) -> None:
    adjusted = adjust_by_holm(p_values)
    for p, own in zip(p_values, adjusted, strict=True):
        assert p <= own <= min(1.0, p * len(p_values)) or own == pytest.approx(min(1.0, p * len(p_values)))
    pairs = sorted(zip(p_values, adjusted, strict=True))
    assert [own for _, own in pairs] == sorted(own for _, own in pairs)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_covers_what_it_says(case: Case) -> None:
    """Of 400 draws at least 90 % and at most 99 %: with 95 %, one failure in thousands of such tests."""
    assert 0.90 <= measure_coverage(3, 100, case, draws=400) <= 0.99


@given(st.integers(2, 8), st.integers(2, 40), st.floats(0, 2), st.integers(0, 2**32 - 1))
def test_the_correction_widens_by_what_replicates_share(
    count: int, examples: int, correction: float, seed: int
) -> None:
    """For nested replicates 1/K becomes 1/K + correction."""
    differences = np.random.default_rng(seed).normal(size=(count, examples))
    nested, plain = compare_nested(differences, correction), compare_nested(differences)
    assert nested.interval is not None
    assert plain.interval is not None
    widened = math.sqrt(1 + count * correction)
    assert nested.interval.standard_error == pytest.approx(widened * plain.interval.standard_error)
    assert nested.interval.degrees == plain.interval.degrees == count - 1
    crossed, bare = compare_crossed(differences, correction), compare_crossed(differences)
    assert crossed.interval is not None
    assert bare.interval is not None
    assert crossed.components is not None
    assert bare.components is not None
    # With endlessly many replicates the shared part stays.
    left = crossed.components.project_half_width(math.inf, examples) ** 2
    without = bare.components.project_half_width(math.inf, examples) ** 2
    shared = (bare.components.replicate + bare.components.rest / examples) * correction
    assert left == pytest.approx(without + NORMAL**2 * shared)


def test_nested_replicates_are_the_paired_t_test_of_their_means() -> None:
    differences = np.random.default_rng(3).integers(-1, 2, size=(6, 30)).astype(float)
    found, peer = compare_nested(differences), stats.ttest_1samp(differences.mean(1), 0)
    assert found.interval is not None
    assert found.interval.p == pytest.approx(peer.pvalue)
    assert (found.interval.low, found.interval.high) == pytest.approx(tuple(peer.confidence_interval()))
    alike = compare_nested(np.tile([1.0, -1.0, 0.0], (3, 1)))
    assert (alike.mean, alike.interval, alike.is_tie) == (0, None, False)
    assert compare_nested(np.zeros((3, 5))).is_tie
