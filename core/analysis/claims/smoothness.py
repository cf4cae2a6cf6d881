"""How rough the curves are: the minibatch losses around their centred moving mean of one epoch."""

from __future__ import annotations

import numpy as np

from core.analysis.claims.trajectory import Measurement, Trajectory, Vector, measure


def measure_roughness(run: Trajectory) -> Measurement | None:
    """Their standard deviation, over the second half; None where an epoch is a single step."""
    split = split_losses(run.batch_losses, run.steps)
    return None if split is None else measure(float(split[0].std(ddof=1)))


def measure_relative_roughness(run: Trajectory) -> Measurement | None:
    """The same over the losses' own level; None where that is 0."""
    split = split_losses(run.batch_losses, run.steps)
    if split is None:
        return None
    rest, trend = split
    level = float(trend.mean())
    return measure(float(rest.std(ddof=1)) / level) if level > 0 else None


def split_losses(losses: Vector, steps: int) -> tuple[Vector, Vector] | None:
    """What is left of the losses beside their moving mean, and that; only where the window of ``steps`` fits whole.

    A window of an even number has a half of an entry at either end. None below one epoch of such places.
    """
    if steps < 2:
        return None
    window = np.ones(steps) if steps % 2 else np.concatenate([[0.5], np.ones(steps - 1), [0.5]])
    half = len(window) // 2
    if len(losses) - 2 * half < steps or not np.isfinite(losses).all():
        return None
    trend: Vector = np.convolve(losses, window / steps, "valid")
    return losses[half : len(losses) - half] - trend, trend
