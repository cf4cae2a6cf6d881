"""Page's trend test beside scipy's, and where there are ties beside all orders of the ranks."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import page_trend_test, rankdata, spearmanr

from core.analysis.claims.trend import find_least_p, find_trend


@pytest.mark.parametrize(("replicates", "columns"), [(2, 3), (3, 4), (5, 6), (4, 7)])
def test_without_ties_it_is_scipys(replicates: int, columns: int) -> None:
    values = np.random.default_rng(columns).normal(size=(replicates, columns)) + 0.3 * np.arange(columns)
    found = find_trend(values)
    theirs = page_trend_test(values, method="exact")
    assert found.statistic == theirs.statistic
    assert found.p_rising == pytest.approx(theirs.pvalue, rel=1e-9)
    assert found.p_falling == pytest.approx(page_trend_test(values[:, ::-1], method="exact").pvalue, rel=1e-9)


def test_of_many_it_is_scipys_approximation() -> None:
    values = np.random.default_rng(0).normal(size=(15, 12)) + 0.02 * np.arange(12)
    theirs = page_trend_test(values, method="asymptotic")
    assert find_trend(values).p_rising == pytest.approx(theirs.pvalue, rel=1e-9)


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.0, np.inf]), min_size=4, max_size=4), min_size=1, max_size=2))
def test_with_ties_p_is_the_share_of_all_orders(rows: list[list[float]]) -> None:
    found = find_trend(np.array(rows))
    ranks = rankdata(rows, axis=1)
    order = np.arange(1, 5)
    sums = [[float(np.dot(order, chosen)) for chosen in permutations(row)] for row in ranks.tolist()]
    totals = np.array([sum(one) for one in product(*sums)])
    assert found.p_rising == pytest.approx(float(np.mean(totals >= found.statistic)))
    assert found.p_falling == pytest.approx(float(np.mean(totals <= found.statistic)))


def test_a_number_that_always_rises_has_correlation_one_and_the_least_p() -> None:
    found = find_trend(np.tile(np.arange(5.0), (3, 1)))
    assert found.correlation == pytest.approx(1)
    assert found.p == pytest.approx(find_least_p(3, 5))
    assert find_trend(-np.tile(np.arange(5.0), (3, 1))).correlation == pytest.approx(-1)


def test_the_correlation_is_spearmans_and_with_ties_one_where_nothing_falls() -> None:
    values = np.random.default_rng(3).normal(size=(4, 7))
    each = [spearmanr(np.arange(7), row).statistic for row in values]
    assert find_trend(values).correlation == pytest.approx(np.mean(each))
    assert find_trend(np.array([[0, 0, 0, 0, 0, 0, 0, 0.4]] * 3)).correlation == pytest.approx(1)
    assert find_trend(np.array([[5, 5, 2, 2, 1, 1.0]] * 3)).correlation == pytest.approx(-1)


@given(st.integers(1, 4), st.integers(2, 12), st.integers(0, 1000))
def test_the_two_directions_mirror_each_other(replicates: int, columns: int, seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 4, (replicates, columns)).astype(float)
    one, other = find_trend(values), find_trend(-values)
    assert one.p_rising == pytest.approx(other.p_falling)
    assert one.correlation == pytest.approx(-other.correlation)
    assert 0 <= one.p <= 1


def test_nothing_but_ties_is_no_trend() -> None:
    assert find_trend(np.zeros((5, 6))).p == 1
    assert find_trend(np.zeros((20, 20))).p == 1


def test_rounding_makes_no_trend() -> None:
    assert find_trend(1 + 1e-13 * np.tile(np.arange(6.0), (5, 1))).p == 1


def test_what_is_no_matrix_of_numbers_is_refused() -> None:
    for values in (np.zeros((3, 1)), np.zeros(3), np.full((3, 3), np.nan)):
        with pytest.raises(ValueError, match="expected replicates"):
            find_trend(values)
