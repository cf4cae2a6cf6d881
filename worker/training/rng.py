"""Random generators keyed by seed and purpose, independent of each other."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import torch
from torch import Tensor

from worker.training.run_state import RunState


class Purpose(IntEnum):
    START = 0
    ORDER = 1
    NOISE = 2
    INPUT = 3
    MIXUP = 4
    DEPTH = 5
    AUGMENTATION = 6


# Seeds of the first three are dense, those of the later ones lie above them: so a purpose can be added, and the curves
# of earlier experiments stay the same.
_DENSE = 3
_ABOVE = 2**40


def make_generator(seed: int, purpose: Purpose, device: torch.device | None = None) -> torch.Generator:
    """The same for every run of ``seed``, regardless of its regularizer and strength."""
    key = seed * _DENSE + purpose if purpose < _DENSE else purpose * _ABOVE + seed
    return torch.Generator(device or "cpu").manual_seed(key)


class BatchOrder:
    """The order of the training examples, anew each epoch, one per seed; their own where it is not ``shuffled``."""

    def __init__(self, seeds: Iterable[int], examples: int, shuffled: bool = True) -> None:
        self._generators = {seed: make_generator(seed, Purpose.ORDER) for seed in sorted(set(seeds))}
        self._examples = examples
        self._shuffled = shuffled

    def draw(self) -> dict[int, Tensor]:
        """Permutations of the examples, int64 (examples,) on the CPU, by seed."""
        if not self._shuffled:
            return dict.fromkeys(self._generators, torch.arange(self._examples))
        return {seed: torch.randperm(self._examples, generator=g) for seed, g in self._generators.items()}

    def get_state(self) -> RunState:
        """The generators' states, by seed."""
        return RunState(generators={str(seed): generator.get_state() for seed, generator in self._generators.items()})

    def set_state(self, state: RunState) -> None:
        """``state``: of the same seeds."""
        for seed, generator in self._generators.items():
            generator.set_state(state.generators[str(seed)])
