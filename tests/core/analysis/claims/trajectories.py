"""Trajectories to measure: curves that one can check by hand, and sweeps of regularizers that do nothing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from core.analysis.claims.trajectory import Trajectory
from core.spec import BASELINE


def make_trajectory(
    train_loss: Sequence[float] = (1.0, 0.5, 0.25),
    regularizer: str = BASELINE,
    strength: float = 0.0,
    replicate: Hashable = 0,
    **changes: Any,
) -> Trajectory:
    """A run whose other curves are of the training loss: the accuracy is 1 less it, the validation loss 0.1 more."""
    curve = np.asarray(train_loss, np.float64)
    values: dict[str, Any] = {
        "start": 0,
        "train_loss": curve,
        "train_score": 1 - curve,
        "validation_loss": curve + 0.1,
        "weight_norm": 1 + curve,
        "zero_share": np.zeros_like(curve),
        "counted": len(curve) - 1,
        "largest_weight": 0.5,
        "batch_losses": np.empty(0),
        "steps": 4,
    }
    return Trajectory(regularizer, strength, replicate, **(values | changes))


def draw_nothing(
    generator: np.random.Generator, regularizers: int, strengths: int, replicates: int, epochs: int = 8
) -> list[Trajectory]:
    """A sweep whose runs differ by their seed and by luck, and not by the strength."""
    cells = [(BASELINE, 0.0)]
    cells += [(key, 10.0**place) for key in ("l2", "dropout", "l1")[:regularizers] for place in range(strengths)]
    seeds = generator.normal(size=replicates)
    return [
        _draw(generator, key, strength, replicate, float(seeds[replicate]), epochs)
        for key, strength in cells
        for replicate in range(replicates)
    ]


def _draw(
    generator: np.random.Generator, key: str, strength: float, replicate: int, level: float, epochs: int
) -> Trajectory:
    rate = np.exp(0.3 * generator.normal() + 0.2 * level)
    loss = 2.3 * np.exp(-rate * np.arange(epochs + 1) / 3) + 0.02 * generator.random(epochs + 1)
    validation = loss + 0.05 * np.abs(generator.normal(size=epochs + 1)).cumsum()
    return make_trajectory(
        loss.tolist(),
        key,
        strength,
        replicate,
        validation_loss=validation,
        # Seldom any: most of them are ties.
        zero_share=np.full(epochs + 1, float(generator.random() < 0.1)),
        weight_norm=np.full(epochs + 1, 3 + level + generator.normal()),
        largest_weight=float(np.exp(generator.normal())),
        batch_losses=0.3 + 0.1 * generator.normal(size=4 * epochs // 2 + 4),
    )
