"""Gaussian noise on the inputs."""

from __future__ import annotations

from typing import ClassVar

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.rng import Purpose
from worker.training.step.batch import Batch
from worker.training.step.noise import Noise


class GaussianNoise(Regularizer):
    """x + σ·ε in training, ε ~ N(0, 1) for each number of each example, drawn anew each step; σ is the strength.

    In the unit of the prepared inputs: deviations, where they are standardized. The same ε at every σ. Ω is 0: to
    second order in σ it adds σ²/2·E‖∂f/∂x‖² to a squared error. Source: Bishop 1995, Neural Computation 7(1).
    """

    legal: ClassVar = spec.GaussianNoise.legal
    acts_by: ClassVar = frozenset({"input"})
    purpose: ClassVar = Purpose.INPUT

    def alter(self, batch: Batch, rows: slice, noise: Noise) -> None:
        x = batch.x[rows]
        drawn = noise.draw_normal(x.shape[1:]).to(x.dtype)
        x.add_(drawn.mul_(self.strengths.view(-1, *[1] * (x.dim() - 1))))
