"""How fast training goes: epochs until a share of the baseline's whole change of a curve is done."""

from __future__ import annotations

import math

import numpy as np

from core.analysis.claims.trajectory import Measurement, Trajectory, Vector


def measure_fall(run: Trajectory, baseline: Trajectory, share: float) -> Measurement | None:
    """Epochs until the training loss has fallen by ``share`` of the baseline's whole fall."""
    return _measure(run, run.train_loss, baseline.train_loss, share)


def measure_rise(run: Trajectory, baseline: Trajectory, share: float) -> Measurement | None:
    """The same for the rise of the training accuracy, or R²."""
    return _measure(run, -run.train_score, -baseline.train_score, share)


def _measure(run: Trajectory, own: Vector, other: Vector, share: float) -> Measurement | None:
    """None where the baseline does not fall, or halving stopped the run before it came so far."""
    if not own.size or not other.size or not math.isfinite(other[0]):
        return None
    fall = float(other[0] - np.nanmin(other))
    if fall <= 0:
        return None
    crossed = find_crossing(own, float(other[0]) - share * fall)
    if crossed is not None:
        return Measurement(run.start + crossed)
    return None if run.halved else Measurement(math.inf, censored=True)


def find_crossing(curve: Vector, level: float) -> float | None:
    """Where the curve first is at or below the level, in entries from its first, on the line between two entries."""
    below = np.flatnonzero(curve <= level)
    if not below.size:
        return None
    after = int(below[0])
    if after == 0:
        return 0.0
    before, reached = float(curve[after - 1]), float(curve[after])
    if not math.isfinite(before) or before == reached:
        return float(after)
    return after - (level - reached) / (before - reached)
