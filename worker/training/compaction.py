"""Stacks without the runs that no longer train."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from worker.training.run_state import RunState, join_states
from worker.training.stack import Chunk

Indices = NDArray[np.intp]
Stack = tuple[Indices, Chunk]

# Stacks are made anew once they hold less than this share of the rows: it costs about as much as a few steps.
_SHARE = 7 / 8


def is_worthwhile(stacks: Sequence[Stack], cut: Sequence[Indices], smallest: int) -> bool:
    """Whether stacks of the runs in ``cut``, none with fewer rows than ``smallest``, are worth making."""
    now = sum(len(chunk.runs) for _, chunk in stacks)
    return sum(max(len(indices), smallest) for indices in cut) <= _SHARE * now


def regroup(stacks: Sequence[Stack], cut: Sequence[Indices], make: Callable[[Indices], Chunk]) -> list[Stack]:
    """Stacks of the runs in ``cut``, which go on from where they stand, bit for bit.

    ``make``: a new chunk of these runs, filled up with copies of the last one where that is too few.
    """
    places = {int(run): (chunk, row) for indices, chunk in stacks for row, run in enumerate(indices)}
    made = []
    for indices in cut:
        chunk = make(indices)
        chunk.set_state(_gather([places[int(run)] for run in indices], len(chunk.runs)))
        made.append((indices, chunk))
    return made


def _gather(places: list[tuple[Chunk, int]], rows: int) -> RunState:
    places = places + places[-1:] * (rows - len(places))
    runs = groupby(places, key=lambda place: id(place[0]))
    return join_states([_read(list(group)) for _, group in runs])


def _read(places: list[tuple[Chunk, int]]) -> RunState:
    return places[0][0].get_state([row for _, row in places])
