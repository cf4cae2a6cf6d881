"""Makes the stacks of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.catalogue import choose_outputs
from core.spec import ExperimentSpec, PlannedRun
from worker.training.data import Dataset, Splits
from worker.training.data.splits import find_key
from worker.training.device import choose_stack
from worker.training.networks import Network
from worker.training.optimizers.lipschitz import Curvature, find_curvature
from worker.training.run_state import RunState
from worker.training.stack import Stack
from worker.training.stack.convergence import find_floors
from worker.training.stack.evaluation import count_evaluated
from worker.training.step.losses import make_task
from worker.training.sweep.cutting import Indices, cut_stacks, fill


@dataclass(frozen=True)
class _Parts:
    """What the stacks of one split have in common. ``largest``, ``smallest``: numbers of their rows."""

    data: Dataset
    curvature: Curvature | None
    floors: dict[str, Tensor] | None
    largest: int
    smallest: int


class StackFactory:
    """Runs are given by their indices. A stack with too few of them is filled up with copies of its last one.

    ``splits``: the data of the runs; a stack has runs of one split. ``check`` is called before a stack is made, and by
    the stack. ``stack_size``: the largest number of runs of a stack; None chooses it for the device.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        runs: Sequence[PlannedRun],
        network: Network,
        splits: Splits,
        check: Callable[[], None],
        stack_size: int | None = None,
    ) -> None:
        self._spec, self._runs, self._network, self._check = spec, tuple(runs), network, check
        self._keys = [find_key(spec.dataset, run) for run in runs]
        classes = splits[self._keys[0]].classes
        self._task = make_task(classes, choose_outputs(spec.network, classes))
        self._parts = {key: self._make_parts(splits[key], stack_size) for key in dict.fromkeys(self._keys)}

    def _make_parts(self, data: Dataset, stack_size: int | None) -> _Parts:
        x = data.train.x
        largest, smallest = choose_stack(self._network, self._list_batches(data), x.dtype, x.device)
        curvature = find_curvature(self._spec, data, self._task)
        floors = None if self._spec.tolerance is None else find_floors(self._spec, data)
        return _Parts(data, curvature, floors, stack_size or largest, smallest)

    def cut(self, runs: Indices) -> list[Indices]:
        """The indices of each stack's runs."""
        cut = []
        for key, parts in self._parts.items():
            own = np.array([run for run in runs if self._keys[run] == key], dtype=np.intp)
            if own.size:
                cut += [own[places] for places in cut_stacks([self._runs[run] for run in own], parts.largest)]
        return cut

    def make(self, indices: Indices) -> Stack:
        """At the start of training."""
        # Drawing large weights takes a while as well.
        self._check()
        runs, parts = [self._runs[i] for i in self.fill(indices)], self._find_parts(indices)
        known = parts.curvature, parts.floors
        return Stack(self._spec, runs, self._network, self._task, parts.data, self._check, *known)

    def make_with(self, indices: Indices, tensors: dict[int, dict[str, Tensor]]) -> Stack:
        """With these tensors of each of the runs, by name."""
        stack = self.make(indices)
        rows = [tensors[i] for i in self.fill(indices)]
        stack.parameters.set_state(RunState({name: torch.stack([row[name] for row in rows]) for name in rows[0]}))
        return stack

    def fill(self, indices: Indices) -> list[int]:
        """The runs of the stack's rows, copies too."""
        return fill(indices, self._find_parts(indices).smallest)

    def name_split(self, indices: Indices) -> str:
        """A prefix for what runs of this split share; none of the first run's."""
        key = self._keys[indices[0]]
        return "" if key == self._keys[0] else f"{key[0]}.{key[1]}/"

    def _find_parts(self, indices: Indices) -> _Parts:
        return self._parts[self._keys[indices[0]]]

    def _list_batches(self, data: Dataset) -> list[int]:
        """The numbers of examples that pass through the network at once, the steps' own first."""
        size = self._spec.choose_batch_size(len(data.train))
        whole = [len(examples) for examples in (data.train, data.validation, data.test)]
        evaluated = count_evaluated(self._network)
        return [size, whole[0] % size, *(n % evaluated for n in whole), evaluated]
