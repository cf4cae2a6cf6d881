"""Parameters of M runs, laid out so that one operation updates them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import torch
from torch import Tensor

from worker.training.rng import Purpose, make_generator
from worker.training.run_state import RunState

# Elements. Vector instructions handle a buffer's last few elements one by one, with other roundings; a multiple of
# the longest vector (and of a cache line) has no such rest, so that no run's bits depend on its place in the stack.
ALIGNMENT = 64


@dataclass(frozen=True)
class TensorSpec:
    """One parameter tensor of one run, two-dimensional.

    ``fan_in`` gives torch's default start, uniform within ±1/√fan_in; None starts at ``constant``.
    """

    layer: str
    part: str
    shape: tuple[int, int]
    fan_in: int | None = None
    constant: float = 0.0

    @property
    def name(self) -> str:
        return f"{self.layer}.{self.part}"

    @property
    def is_weight(self) -> bool:
        return self.part == "weight"

    def draw(self, generator: torch.Generator) -> Tensor:
        """The start of one run. Drawn in float64 on the CPU, so that every precision and device starts alike."""
        if self.fan_in is None:
            return torch.full(self.shape, self.constant, dtype=torch.float64)
        bound = self.fan_in**-0.5
        return torch.empty(self.shape, dtype=torch.float64).uniform_(-bound, bound, generator=generator)


class Group:
    """Tensors that are updated alike, of M runs, in one flat buffer: M times the first tensor, M times the second.

    ``values`` and ``gradients``: flat, each tensor's block padded with zeros to a multiple of ALIGNMENT.
    ``tensors`` and ``gradient_tensors``: views (M, rows, columns) of them, each contiguous.
    """

    def __init__(self, specs: Sequence[TensorSpec], runs: int, dtype: torch.dtype, device: torch.device) -> None:
        self.specs = tuple(specs)
        self.runs = runs
        self._starts = [0]
        for spec in specs:
            size = runs * prod(spec.shape)
            self._starts.append(self._starts[-1] + -(-size // ALIGNMENT) * ALIGNMENT)
        self.values = torch.zeros(self._starts[-1], dtype=dtype, device=device)
        self.gradients = torch.zeros_like(self.values)
        self.tensors = self.split(self.values)
        self.gradient_tensors = self.split(self.gradients)

    def split(self, buffer: Tensor) -> list[Tensor]:
        """Views (M, rows, columns) of a buffer that is laid out as ``values`` is."""
        return [
            buffer[start : start + self.runs * prod(spec.shape)].view(self.runs, *spec.shape)
            for start, spec in zip(self._starts, self.specs, strict=False)
        ]


@dataclass(frozen=True)
class Slot:
    """A tensor of the stack (M, rows, columns) and where its gradient is written; a statistic has none."""

    value: Tensor
    gradient: Tensor


def draw_start(specs: Sequence[TensorSpec], seed: int) -> list[Tensor]:
    """The start of one run: tensors (rows, columns) on the CPU, in the order of ``specs``."""
    generator = make_generator(seed, Purpose.START)
    return [spec.draw(generator) for spec in specs]


class Parameters:
    """``weights`` and ``biases`` (with normalization) of M runs, and ``slots`` by name for the network.

    ``statistics``: the running statistics of batch normalization. They belong to the run, but are not trained.
    ``draw``: one run's start by its seed, as ``draw_start``.
    """

    def __init__(
        self,
        specs: Sequence[TensorSpec],
        seeds: Sequence[int],
        dtype: torch.dtype,
        device: torch.device,
        statistics: Sequence[TensorSpec] = (),
        draw: Callable[[int], Sequence[Tensor]] | None = None,
    ) -> None:
        self.weights = Group([spec for spec in specs if spec.is_weight], len(seeds), dtype, device)
        self.biases = Group([spec for spec in specs if not spec.is_weight], len(seeds), dtype, device)
        self.statistics = Group(statistics, len(seeds), dtype, device)
        self.slots = {
            spec.name: Slot(value.detach().requires_grad_(group is not self.statistics), gradient)
            for group in (*self.groups, self.statistics)
            for spec, value, gradient in zip(group.specs, group.tensors, group.gradient_tensors, strict=True)
        }
        self._start(specs, seeds, draw or (lambda seed: draw_start(specs, seed)))
        for spec, statistic in zip(statistics, self.statistics.tensors, strict=True):
            statistic.fill_(spec.constant)

    @property
    def groups(self) -> tuple[Group, Group]:
        """The groups that are trained."""
        return self.weights, self.biases

    def list_values(self) -> list[Tensor]:
        """The trained tensors (M, rows, columns)."""
        return [tensor for group in self.groups for tensor in group.tensors]

    def list_gradients(self) -> list[Tensor]:
        """Their gradients, likewise."""
        return [gradient for group in self.groups for gradient in group.gradient_tensors]

    def read(self, run: int) -> dict[str, Tensor]:
        """Copies of one run's tensors (rows, columns) on the CPU: weights in the network's order, then the others.

        Statistics come last.
        """
        return {name: slot.value.detach()[run].clone().cpu() for name, slot in self.slots.items()}

    @torch.no_grad()
    def cut(self, blocks: int) -> list[dict[str, Slot]]:
        """The slots of neighbouring runs, nearly equally many, in this many parts: views, without a graph."""
        edges = [self.weights.runs * i // blocks for i in range(blocks + 1)]
        return [
            {name: Slot(slot.value.detach()[a:b], slot.gradient[a:b]) for name, slot in self.slots.items()}
            for a, b in pairwise(edges)
        ]

    def get_state(self, rows: Sequence[int]) -> RunState:
        """Of the runs in these rows of the stack, copied; statistics too."""
        return RunState({name: slot.value.detach()[list(rows)] for name, slot in self.slots.items()})

    @torch.no_grad()
    def set_state(self, state: RunState) -> None:
        """``state``: of all runs of the stack, in the order of its rows."""
        for name, slot in self.slots.items():
            slot.value.copy_(state.rows[name])

    def _start(
        self, specs: Sequence[TensorSpec], seeds: Sequence[int], draw: Callable[[int], Sequence[Tensor]]
    ) -> None:
        drawn: dict[int, Sequence[Tensor]] = {}
        with torch.no_grad():
            for run, seed in enumerate(seeds):
                if seed not in drawn:
                    drawn[seed] = draw(seed)
                for spec, tensor in zip(specs, drawn[seed], strict=True):
                    self.slots[spec.name].value[run] = tensor
