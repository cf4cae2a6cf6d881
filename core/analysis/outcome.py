"""Whether what was trained can be judged: by how many of its runs diverged."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """Of an experiment's runs. With the baseline's there is nothing to compare with; most: more than half."""

    SOUND = "sound"
    SOME = "some_diverged"
    MOST = "most_diverged"
    BASELINE = "baseline_diverged"
    ALL = "all_diverged"


# An experiment of these has ended, but not well.
UNSOUND = frozenset({Outcome.MOST, Outcome.BASELINE, Outcome.ALL})


def judge_outcome(runs: int, diverged: int, baseline_diverged: int) -> Outcome:
    """``diverged`` of ``runs`` did, ``baseline_diverged`` of them the baseline's."""
    if diverged == 0:
        return Outcome.SOUND
    if diverged == runs:
        return Outcome.ALL
    if baseline_diverged:
        return Outcome.BASELINE
    return Outcome.MOST if 2 * diverged > runs else Outcome.SOME
