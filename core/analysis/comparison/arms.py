"""The difference between two arms: the same strength's runs, or a chosen one's, in two experiments.

Paired where both arms were tested on the same examples with the same seeds: the crossed interval of the differences.
Else each arm's mean has a standard error of its own, over its seeds and its test examples, and the two are put
together as by Welch 1947, Biometrika 34:28. Where the arms share examples after all that interval is too wide.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.analysis.cross_fitting import Vector
from core.analysis.crossed_interval import Interval, combine_independent, compare
from core.analysis.design import Design

Pairing = Literal["paired", "unpaired"]
# By replicate: the outcome of each test example.
Arm = Mapping[Hashable, Vector]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class ArmDifference:
    """One arm less the other, with how many replicates and test examples each brought."""

    mean: float
    interval: Interval | None
    pairing: Pairing
    replicates: tuple[int, int]
    examples: tuple[int, int]
    is_tie: bool = False


def compare_arms(one: Arm, other: Arm, designs: tuple[Design, Design], *, is_matched: bool) -> ArmDifference | None:
    """``one`` less ``other``; None where an arm is empty.

    ``designs``: of both; ``is_matched``: replicates of the same name were trained and tested on the same examples.
    """
    shared = [replicate for replicate in one if replicate in other] if is_matched else []
    # One pair tells nothing where two separate arms would.
    if len(shared) > 1 or (shared and min(len(one), len(other)) < 2):
        return _compare_paired(_stack(one, shared), _stack(other, shared), designs[0])
    if not one or not other:
        return None
    return _compare_unpaired(_stack(one, list(one)), _stack(other, list(other)), designs)


def _stack(arm: Arm, replicates: list[Hashable]) -> Matrix:
    return np.stack([arm[replicate].astype(np.float64) for replicate in replicates])


def _compare_paired(one: Matrix, other: Matrix, design: Design) -> ArmDifference:
    found = compare(one - other, design)
    count, examples = one.shape
    return ArmDifference(found.mean, found.interval, "paired", (count, count), (examples, examples), found.is_tie)


def _compare_unpaired(one: Matrix, other: Matrix, designs: tuple[Design, Design]) -> ArmDifference:
    arms = compare(one, designs[0]), compare(other, designs[1])
    first, second = (arm.interval for arm in arms)
    mean = arms[0].mean - arms[1].mean
    interval = None if first is None or second is None else combine_independent(mean, first, second)
    sizes = [(arm.replicates, arm.examples) for arm in arms]
    (one_count, one_size), (other_count, other_size) = sizes
    return ArmDifference(mean, interval, "unpaired", (one_count, other_count), (one_size, other_size))
