"""A mean over replicates and its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """The API returns it as it is."""

    mean: float
    half_width: Annotated[
        float | None, Field(description="of the 95 % interval of the mean, by Student's t; null below 2 replicates")
    ]
    replicates: Annotated[int, Field(description="number of runs, or of pairs of runs, in the mean")]


def estimate(values: Sequence[float]) -> Estimate | None:
    """None where there is no value, or the mean exceeds what a float holds."""
    # Squares near the limits of floats are infinite.
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.asarray(values, dtype=np.float64)
        if not found.size or not math.isfinite(found.mean()):
            return None
        return Estimate(float(found.mean()), _find_half_width(found), found.size)


def _find_half_width(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float | None:
    count = values.size
    if count < 2:
        return None
    if (values == values[0]).all():
        # The mean of equal values may be off by rounding, and so would be their deviation from 0.
        return 0.0
    quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1))
    width = quantile * float(values.std(ddof=1)) / math.sqrt(count)
    return width if math.isfinite(width) else None
