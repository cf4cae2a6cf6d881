"""Cuts the runs of a sweep into stacks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.spec import PlannedRun
from worker.training.regularizers import REGULARIZERS

# Of runs, in the order in which the sweep was given them.
Indices = NDArray[np.intp]


def cut_stacks(runs: Sequence[PlannedRun], largest: int) -> list[Indices]:
    """Indices of the runs of each stack, at most ``largest`` and nearly equally many. ``runs``: of one split.

    The runs of one regularizer become neighbours, so that its update touches only them, and among them those of one
    seed, which share batches and noise. Where there is more than one stack, those that pass twice over each batch
    (SAM) have stacks of their own, so that no other run waits for them.
    """
    keys = list(dict.fromkeys(run.regularizer for run in runs))
    places = sorted(range(len(runs)), key=lambda i: (keys.index(runs[i].regularizer), runs[i].seed))
    order = np.array(places, dtype=np.intp)
    if len(runs) <= largest:
        return [order]
    twice = np.array([_passes_twice(runs[i]) for i in order])
    parts = [part for part in (order[~twice], order[twice]) if part.size]
    return [stack for part in parts for stack in np.array_split(part, -(-len(part) // largest))]


def fill(indices: Indices, smallest: int) -> list[int]:
    """At least ``smallest``: copies of the last run, whose results are not read, fill the stack."""
    listed = [int(index) for index in indices]
    return listed + [listed[-1]] * (smallest - len(listed))


def _passes_twice(run: PlannedRun) -> bool:
    return "perturb" in REGULARIZERS[run.regularizer.partition("(")[0]].acts_by
