"""How runs end, and the outcome of an experiment by how many of its runs diverged."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Ended(Protocol):
    """The end of a run."""

    @property
    def regularizer(self) -> str: ...
    @property
    def strength(self) -> float: ...
    @property
    def diverged_epoch(self) -> int | None: ...
    @property
    def stopped_epoch(self) -> int | None: ...


class Outcome(StrEnum):
    """``baseline_diverged``: nothing to compare with. ``most_diverged``: more than half."""

    SOUND = "sound"
    SOME = "some_diverged"
    MOST = "most_diverged"
    BASELINE = "baseline_diverged"
    ALL = "all_diverged"


# Outcomes with which an ended experiment counts as diverged.
UNSOUND = frozenset({Outcome.MOST, Outcome.BASELINE, Outcome.ALL})


def judge_outcome(runs: int, diverged: int, baseline_diverged: int) -> Outcome:
    """The outcome of ``runs`` runs, ``diverged`` of which diverged, ``baseline_diverged`` of these of the baseline."""
    if diverged == 0:
        return Outcome.SOUND
    if diverged == runs:
        return Outcome.ALL
    if baseline_diverged:
        return Outcome.BASELINE
    return Outcome.MOST if 2 * diverged > runs else Outcome.SOME
