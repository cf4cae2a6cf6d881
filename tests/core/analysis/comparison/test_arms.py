"""Arms of experiments whose seeds have rows of their own."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from core.analysis.comparison.arms import compare_arms
from core.analysis.cross_fitting import Vector
from core.analysis.crossed_interval import compare_nested
from core.analysis.design import Design


def test_seeds_with_rows_of_their_own_are_compared_by_their_means() -> None:
    generator = np.random.default_rng(0)
    one: dict[Hashable, Vector] = {seed: generator.random(30) for seed in range(5)}
    other: dict[Hashable, Vector] = {seed: generator.random(30) for seed in range(5)}
    design = Design("by_seed", seeds=5, is_nested=True, correction=0.25)
    paired = compare_arms(one, other, (design, design), is_matched=True)
    expected = compare_nested(np.array([one[seed] - other[seed] for seed in one]), 0.25)
    assert paired is not None
    assert paired.interval == expected.interval
