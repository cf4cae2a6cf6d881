"""Data in the plane, drawn from a generator."""

from __future__ import annotations

import numpy as np
from sklearn import datasets

from worker.training.data.arrays import Arrays


def draw_moons(samples: int, noise: float, seed: int) -> Arrays:
    """Two interleaved half circles of radius 1 (``make_moons``), with normal noise of deviation ``noise``."""
    x, y = datasets.make_moons(samples, noise=noise, random_state=seed)
    return Arrays(x, y.astype(np.int64), 2)


def draw_spirals(samples: int, noise: float, seed: int) -> Arrays:
    """Two spirals of two turns, at most 4 from the centre and 1 apart, with normal noise of deviation ``noise``.

    r = θ/π with θ ≤ 4π, the second arm turned by π; θ² is uniform, which spreads the points evenly along an arm.
    After Lang & Witbrock 1988.
    """
    generator = np.random.default_rng(seed)
    angle = 4 * np.pi * np.sqrt(generator.uniform(size=samples))
    y = np.arange(samples) % 2
    arm = np.stack([np.cos(angle + np.pi * y), np.sin(angle + np.pi * y)], axis=1) * angle[:, None] / np.pi
    return Arrays(arm + noise * generator.standard_normal((samples, 2)), y.astype(np.int64), 2)
