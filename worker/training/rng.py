"""Random generators keyed by seed and purpose, independent of each other.

The seed is a run's own, or of a fold another number, its stream (``PlannedRun.stream``).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

import numpy as np
import torch
from torch import Tensor

from core.spec.run import STREAMS
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


def make_generator(stream: int, purpose: Purpose, device: torch.device | None = None) -> torch.Generator:
    """The same for every run of ``stream`` (``PlannedRun.stream``), regardless of its regularizer and strength."""
    return torch.Generator(device or "cpu").manual_seed(_find_key(stream, purpose))


def _find_key(stream: int, purpose: Purpose) -> int:
    split, seed = divmod(stream, STREAMS)
    if split:
        # On a CPU torch looks at the lowest 32 bits alone.
        return int(np.random.SeedSequence([seed, split, purpose]).generate_state(1)[0])
    return seed * _DENSE + purpose if purpose < _DENSE else purpose * _ABOVE + seed


class BatchOrder:
    """The order of the training examples, anew each epoch, one per stream; their own where it is not ``shuffled``.

    ``examples``: by stream (``PlannedRun.stream``), how many there are.
    """

    def __init__(self, examples: Mapping[int, int], shuffled: bool = True) -> None:
        self._generators = {stream: make_generator(stream, Purpose.ORDER) for stream in sorted(examples)}
        self._examples = examples
        self._shuffled = shuffled

    def draw(self) -> dict[int, Tensor]:
        """Permutations of the examples, int64 (examples,) on the CPU, by stream."""
        if not self._shuffled:
            return {stream: torch.arange(count) for stream, count in self._examples.items()}
        return {stream: torch.randperm(self._examples[stream], generator=g) for stream, g in self._generators.items()}

    def get_state(self) -> RunState:
        """The generators' states, by stream."""
        states = {str(stream): generator.get_state() for stream, generator in self._generators.items()}
        return RunState(generators=states)

    def set_state(self, state: RunState) -> None:
        """``state``: of the same streams."""
        for stream, generator in self._generators.items():
            generator.set_state(state.generators[str(stream)])
