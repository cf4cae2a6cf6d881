"""Noise, drawn once per seed."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.spec import PlannedRun
from worker.training.rng import Purpose, make_generator
from worker.training.run_state import RunState


class Noise:
    """Draws for R runs, from one generator per stream: runs of one seed and fold get the same, in whichever stack.

    Always float32, so that every precision compares the same noise with its strengths.
    """

    def __init__(self, runs: Sequence[PlannedRun], purpose: Purpose, device: torch.device) -> None:
        streams = sorted({run.stream for run in runs})
        self._generators = [make_generator(seed, purpose, device) for seed in streams]
        self._streams = streams
        self._of_run = torch.tensor([streams.index(run.stream) for run in runs], device=device)
        self.device = device

    def draw_uniform(self, shape: Sequence[int]) -> Tensor:
        """(R, *shape), uniform on [0, 1)."""
        drawn = [torch.rand(list(shape), generator=g, device=self.device) for g in self._generators]
        return torch.stack(drawn)[self._of_run]

    def draw_normal(self, shape: Sequence[int]) -> Tensor:
        """(R, *shape), standard normal."""
        drawn = [torch.randn(list(shape), generator=g, device=self.device) for g in self._generators]
        return torch.stack(drawn)[self._of_run]

    def draw_order(self, examples: int) -> Tensor:
        """(R, examples): a permutation, int64."""
        drawn = [torch.randperm(examples, generator=g, device=self.device) for g in self._generators]
        return torch.stack(drawn)[self._of_run]

    def save(self) -> list[Tensor]:
        """The generators' states, for ``restore``, after which the same numbers are drawn again."""
        return [generator.get_state() for generator in self._generators]

    def restore(self, states: Sequence[Tensor]) -> None:
        for generator, state in zip(self._generators, states, strict=True):
            generator.set_state(state)

    def get_state(self) -> RunState:
        """The generators' states, by stream."""
        return RunState(
            generators={str(s): g.get_state() for s, g in zip(self._streams, self._generators, strict=True)}
        )

    def set_state(self, state: RunState) -> None:
        """``state``: of its streams, and perhaps of others."""
        self.restore([state.generators[str(seed)] for seed in self._streams])
