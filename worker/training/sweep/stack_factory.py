"""Makes the stacks of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from core.catalogue import choose_outputs
from core.spec import ExperimentSpec, PlannedRun
from worker.training.data import Dataset
from worker.training.device import choose_stack
from worker.training.networks import Network
from worker.training.optimizers.lipschitz import find_curvature
from worker.training.run_state import RunState
from worker.training.stack import Stack
from worker.training.stack.convergence import find_floors
from worker.training.stack.evaluation import count_evaluated
from worker.training.step.losses import make_task
from worker.training.sweep.cutting import Indices, cut_stacks, fill


class StackFactory:
    """Runs are given by their indices. ``smallest``: a stack with fewer runs is filled up with copies of its last one.

    ``check`` is called before a stack is made, and by the stack. ``stack_size``: the largest number of runs of a stack;
    None chooses it for the device.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        runs: Sequence[PlannedRun],
        network: Network,
        data: Dataset,
        check: Callable[[], None],
        stack_size: int | None = None,
    ) -> None:
        self._spec, self._runs, self._network, self._data, self._check = spec, tuple(runs), network, data, check
        self._task = make_task(data.classes, choose_outputs(spec.network, data.classes))
        self._curvature = find_curvature(spec, data, self._task)
        self._floors = None if spec.tolerance is None else find_floors(spec, data)
        x = data.train.x
        largest, self.smallest = choose_stack(network, self._list_batches(), x.dtype, x.device)
        self._largest = stack_size or largest

    def cut(self, runs: Indices) -> list[Indices]:
        """The indices of each stack's runs."""
        own = [self._runs[run] for run in runs]
        return [runs[places] for places in cut_stacks(own, self._largest)] if own else []

    def make(self, indices: Indices) -> Stack:
        """At the start of training."""
        # Drawing large weights takes a while as well.
        self._check()
        runs = [self._runs[i] for i in self.fill(indices)]
        known = self._curvature, self._floors
        return Stack(self._spec, runs, self._network, self._task, self._data, self._check, *known)

    def make_with(self, indices: Indices, tensors: dict[int, dict[str, Tensor]]) -> Stack:
        """With these tensors of each of the runs, by name."""
        stack = self.make(indices)
        rows = [tensors[i] for i in self.fill(indices)]
        stack.parameters.set_state(RunState({name: torch.stack([row[name] for row in rows]) for name in rows[0]}))
        return stack

    def fill(self, indices: Indices) -> list[int]:
        """The runs of the stack's rows, copies too."""
        return fill(indices, self.smallest)

    def _list_batches(self) -> list[int]:
        """The numbers of examples that pass through the network at once, the steps' own first."""
        data, size = self._data, self._spec.choose_batch_size(len(self._data.train))
        whole = [len(examples) for examples in (data.train, data.validation, data.test)]
        evaluated = count_evaluated(self._network)
        return [size, whole[0] % size, *(n % evaluated for n in whole), evaluated]
