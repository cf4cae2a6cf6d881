"""Noise for dropout, drawn once per seed."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.spec import PlannedRun
from worker.training.randomness import Purpose, make_generator
from worker.training.regularizers import Regularizer


class Noise:
    """Masks hidden activations of the rows of one regularizer; the other rows of the stack pass unchanged.

    Uniform float32 noise at every precision, from one generator per seed: runs of one seed compare the same noise
    with their own strengths, in whichever stack they are.
    """

    def __init__(self, regularizer: Regularizer, rows: slice, runs: Sequence[PlannedRun], device: torch.device) -> None:
        self._regularizer, self._rows = regularizer, rows
        self._whole = rows == slice(0, len(runs))
        seeds = sorted({run.seed for run in runs[rows]})
        self._generators = [make_generator(seed, Purpose.NOISE, device) for seed in seeds]
        self._of_run = torch.tensor([seeds.index(run.seed) for run in runs[rows]], device=device)

    def drop(self, hidden: Tensor) -> Tensor:
        """``hidden`` (M, B, …) times each run's mask; the noise of a seed is drawn anew at each call."""
        own = self._regularizer.make_mask(self._draw(hidden.shape[1:]))
        if self._whole:
            mask = own.view(hidden.shape)
        else:
            mask = torch.ones_like(hidden)
            mask[self._rows] = own.view(-1, *hidden.shape[1:])
        return hidden * mask

    def _draw(self, shape: torch.Size) -> Tensor:
        """(R, B, units)."""
        drawn = [torch.rand(shape, generator=g, device=g.device) for g in self._generators]
        return torch.stack(drawn).flatten(2)[self._of_run]
