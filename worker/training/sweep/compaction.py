"""Makes stacks anew without the runs that no longer train."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from worker.training.run_state import RunState, join_states
from worker.training.stack import Stack
from worker.training.sweep.cutting import Indices

# A stack and the indices of its runs.
Placed = tuple[Indices, Stack]

# Stacks are made anew once they hold less than this share of the rows: it costs about as much as a few steps.
_SHARE = 7 / 8


def is_worthwhile(stacks: Sequence[Placed], rows: int) -> bool:
    """Whether new stacks of so many rows are worth making."""
    return rows <= _SHARE * sum(len(stack.runs) for _, stack in stacks)


def regroup(stacks: Sequence[Placed], cut: Sequence[Indices], make: Callable[[Indices], Stack]) -> list[Placed]:
    """Stacks of the runs in ``cut``, which continue from their present state, bit for bit.

    ``make``: a new stack of these runs, filled up with copies of the last one where that is too few.
    """
    places = {int(run): (stack, row) for indices, stack in stacks for row, run in enumerate(indices)}
    made = []
    for indices in cut:
        stack = make(indices)
        stack.set_state(_gather([places[int(run)] for run in indices], len(stack.runs)))
        made.append((indices, stack))
    return made


def _gather(places: list[tuple[Stack, int]], rows: int) -> RunState:
    places = places + places[-1:] * (rows - len(places))
    runs = groupby(places, key=lambda place: id(place[0]))
    return join_states([_read(list(group)) for _, group in runs])


def _read(places: list[tuple[Stack, int]]) -> RunState:
    return places[0][0].get_state([row for _, row in places])
