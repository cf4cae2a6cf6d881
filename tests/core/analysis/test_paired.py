"""Paired differences: antisymmetric, pairing, covering about what they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.paired import compare_paired

scores = st.dictionaries(st.integers(0, 8), st.integers(0, 1000).map(lambda n: n / 1000), min_size=1)


@settings(max_examples=30)
@given(scores, scores)
def test_swapping_the_sides_mirrors_the_difference(values: dict[int, float], baseline: dict[int, float]) -> None:
    there, back = compare_paired(values, baseline), compare_paired(baseline, values)
    if there is None or back is None:
        assert not values.keys() & baseline.keys()
        return
    assert there.mean == -back.mean
    if there.seeds > 1:
        assert there.low is not None
        assert there.high is not None
        assert back.high is not None
        assert back.better is not None
        assert there.low == pytest.approx(-back.high, abs=1e-12)
        assert there.better == pytest.approx(1 - back.better)
        assert there.low <= there.mean + 1e-12
        assert there.mean <= there.high + 1e-12


def test_what_all_seeds_share_is_no_spread() -> None:
    baseline = dict(enumerate(np.random.default_rng(1).normal(size=5)))
    found = compare_paired({seed: value + 0.01 for seed, value in baseline.items()}, baseline)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.mean == pytest.approx(0.01)
    assert found.high - found.low < 1e-12
    assert found.excludes_zero
    assert found.better == 1


def test_only_shared_and_finite_seeds_count() -> None:
    found = compare_paired({0: 1.0, 1: 2.0, 2: float("nan"), 3: 9.0}, {0: 0.5, 1: 1.0, 2: 1.0, 4: 0.0})
    assert found is not None
    assert (found.seeds, found.mean) == (2, 0.75)


def test_one_pair_has_a_mean_and_no_interval() -> None:
    found = compare_paired({7: 1.0}, {7: 0.25})
    assert found is not None
    assert (found.mean, found.low, found.high, found.better) == (0.75, None, None, None)
    assert not found.excludes_zero


def test_no_pair_is_no_difference() -> None:
    assert compare_paired({0: 1.0}, {1: 1.0}) is None


@pytest.mark.parametrize(("seeds", "least", "most"), [(20, 0.89, 0.98), (3, 0.6, 0.8)])
def test_coverage_is_near_what_it_says_for_many_seeds_and_below_it_for_few(
    seeds: int, least: float, most: float
) -> None:
    generator = np.random.default_rng(seeds)
    hits = 0
    for _ in range(300):
        shared, noise = generator.normal(size=seeds), generator.normal(0.5, 1, size=seeds)
        found = compare_paired(dict(enumerate(shared + noise)), dict(enumerate(shared)), resamples=1000)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 0.5 <= found.high
    assert least <= hits / 300 <= most
