"""Differences from the baseline, paired by seed, with a bootstrap interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class PairedDifference:
    """Mean of (value - baseline) over the seeds that both have.

    ``low`` and ``high``: the interval; ``better``: the share of resamples with a positive mean (a mean of exactly 0
    counts one half). All three are None below two seeds.
    """

    seeds: int
    mean: float
    low: float | None
    high: float | None
    better: float | None

    @property
    def excludes_zero(self) -> bool:
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def compare_paired(
    values: Mapping[int, float],
    baseline: Mapping[int, float],
    *,
    confidence: float = 0.95,
    resamples: int = 10_000,
) -> PairedDifference | None:
    """The mean paired difference with a percentile-bootstrap interval; None when no seed is in both.

    ``values`` and ``baseline`` map seed to value; pairs with a non-finite side are left out. Deterministic: the
    resamples depend on the number of pairs only, so swapping the two arguments mirrors the result exactly.
    The percentile interval is narrow for few seeds: below 6 its true coverage is well under ``confidence``
    (at 3 seeds at most 75 %, the chance that three differences do not all err to one side), so the number of
    seeds must stand beside it. Source: Efron & Tibshirani 1993, ch. 13.
    """
    shared = sorted(values.keys() & baseline.keys())
    pairs = np.array([values[seed] - baseline[seed] for seed in shared], dtype=float)
    pairs = pairs[np.isfinite(pairs)]
    if pairs.size == 0:
        return None
    mean = float(pairs.mean())
    if pairs.size == 1:
        return PairedDifference(1, mean, None, None, None)
    draws = np.random.default_rng(pairs.size).integers(pairs.size, size=(resamples, pairs.size))
    means = pairs[draws].mean(axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    better = float((means > 0).mean() + (means == 0).mean() / 2)
    return PairedDifference(pairs.size, mean, float(low), float(high), better)
