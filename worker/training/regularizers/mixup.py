"""Mixup."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import torch
from scipy.special import betaincinv
from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.rng import Purpose
from worker.training.step.batch import Batch
from worker.training.step.losses import Task
from worker.training.step.noise import Noise


class Mixup(Regularizer):
    """Trains on γ·x + (1 − γ)·x′ with the loss γ·L(y) + (1 − γ)·L(y′): each example blended with another of its batch.

    γ ~ Beta(α, α), α the strength, one for the batch as in the authors' code; x′ is the batch in another order. One
    uniform number and one order a step and seed: each α has γ by its own inverse distribution function. α = 0 is
    γ = 1. The loss reported of a batch is the blended one, which for a regression has the blended target's gradient.
    Off in evaluation; Ω is 0. Source: Zhang et al. 2018, arXiv 1710.09412.
    """

    legal: ClassVar = spec.Mixup.legal
    acts_by: ClassVar = frozenset({"input", "blend"})
    purpose: ClassVar = Purpose.MIXUP
    draws_on_host: ClassVar = True

    def __init__(self, strengths: Tensor, parameters: Mapping[str, float] | None = None) -> None:
        super().__init__(strengths, parameters)
        # Here, so that no step waits for a device. Long before the bound γ is ½; above it float32 may know no number.
        self._alpha = strengths.double().clamp(max=1e30).cpu().numpy()

    def alter(self, batch: Batch, rows: slice, noise: Noise) -> None:
        x, y = batch.x[rows], batch.y[rows]
        share = self._draw_shares(noise).to(x)
        order = noise.draw_order(x.shape[1]).to(x.device)
        batch.second, batch.share = batch.y.clone(), x.new_ones(len(batch.y), 1)
        batch.second[rows] = y.gather(1, order)
        batch.share[rows] = share.unsqueeze(1)
        others = x[torch.arange(len(x), device=x.device).unsqueeze(1), order]
        share = share.view(-1, *[1] * (x.dim() - 1))
        x.mul_(share).add_(others.mul_(1 - share))

    def blend_losses(self, outputs: Tensor, batch: Batch, plain: Tensor, task: Task) -> Tensor:
        assert batch.second is not None
        assert batch.share is not None
        return batch.share * plain + (1 - batch.share) * task.compute_losses(outputs, batch.second)

    def _draw_shares(self, noise: Noise) -> Tensor:
        """γ of each run (R,), float64 on the CPU: the quantile of Beta(α, α) at its seed's uniform number."""
        drawn = noise.draw_uniform(()).double().numpy()
        alpha = self._alpha
        return torch.from_numpy(np.where(alpha > 0, betaincinv(alpha, alpha, drawn), 1.0))
