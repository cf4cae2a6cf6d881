"""What becomes of the weights: exact zeros, the norm, the largest of them."""

from __future__ import annotations

from core.analysis.claims.trajectory import Measurement, Trajectory, measure


def measure_zeros(run: Trajectory) -> Measurement | None:
    """The share of weights that are exactly 0."""
    return measure(run.read_end(run.zero_share))


def measure_norm(run: Trajectory) -> Measurement | None:
    """‖w‖₂."""
    return measure(run.read_end(run.weight_norm))


def measure_largest(run: Trajectory) -> Measurement | None:
    """The largest |w|."""
    return None if run.halved else measure(run.largest_weight)
