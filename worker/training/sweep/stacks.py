"""The stacks of a sweep: trained in turn, made anew without the runs that no longer train."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from worker.training.run_state import RunState, join_states
from worker.training.sweep.compaction import Placed, is_worthwhile, regroup
from worker.training.sweep.cutting import Indices
from worker.training.sweep.stack_factory import StackFactory

Rows = NDArray[np.bool_]


class Stacks:
    """Iterates over the stacks, each with the indices of its runs. Masks (M,) are over all runs of the sweep."""

    def __init__(self, factory: StackFactory, runs: int) -> None:
        self._factory = factory
        self._placed = [(indices, factory.make(indices)) for indices in factory.cut(np.arange(runs))]

    def __iter__(self) -> Iterator[Placed]:
        return iter(self._placed)

    @property
    def sizes(self) -> list[int]:
        """Rows of each stack, those that fill it up and those that no longer train too."""
        return [len(stack.runs) for _, stack in self._placed]

    def copy_tensors(self, wanted: Rows) -> dict[int, dict[str, Tensor]]:
        """Of those of the wanted runs that are in a stack, by name, on the device."""
        copied: dict[int, dict[str, Tensor]] = {}
        for indices, stack in self._placed:
            rows = np.flatnonzero(wanted[indices]).tolist()
            tensors = stack.parameters.get_state(rows).rows if rows else {}
            for place, row in enumerate(rows):
                # Copies of their own: a view would hold the others' too.
                copied[int(indices[row])] = {name: tensor[place].clone() for name, tensor in tensors.items()}
        return copied

    def compact(self, training: Rows) -> None:
        """Stacks that have lost enough rows are made anew from the others; one of which no row trains is let go."""
        self._placed = [(indices, stack) for indices, stack in self._placed if training[indices].any()]
        cut = self._factory.cut(np.flatnonzero(training))
        if is_worthwhile(self._placed, sum(len(self._factory.fill(indices)) for indices in cut)):
            self._placed = regroup(self._placed, cut, self._factory.make)

    def get_state(self, training: Rows) -> RunState:
        """Of the runs that train, in their order."""
        states, runs = [], []
        for indices, stack in self._placed:
            rows = np.flatnonzero(training[indices])
            if rows.size:
                states.append(self._mark(indices, stack.get_state(rows.tolist()).to_host()))
                runs.append(indices[rows])
        return join_states(states).choose(np.argsort(np.concatenate(runs)).tolist())

    def _mark(self, indices: Indices, state: RunState) -> RunState:
        """Numbers that the runs of a split share, such as steps taken, under a name of that split."""
        mark = self._factory.name_split(indices)
        return replace(state, shared={f"{mark}{name}": value for name, value in state.shared.items()})

    def _unmark(self, indices: Indices, state: RunState) -> RunState:
        mark = self._factory.name_split(indices)
        own = {name.removeprefix(mark): value for name, value in state.shared.items() if name.startswith(mark)}
        return replace(state, shared=own)

    def set_state(self, state: RunState, training: Rows) -> None:
        """Continue from ``state``: of the runs that train, regardless of the stacks that they were in."""
        left = np.flatnonzero(training)
        self._placed = []
        for indices in self._factory.cut(left):
            stack = self._factory.make(indices)
            stack.set_state(self._unmark(indices, state).choose(self._find_rows(left, indices)))
            self._placed.append((indices, stack))

    def _find_rows(self, left: Indices, indices: Indices) -> list[int]:
        """Places among the runs that are left of a stack's rows."""
        return [int(np.searchsorted(left, run)) for run in self._factory.fill(indices)]
