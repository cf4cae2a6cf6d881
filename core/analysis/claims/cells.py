"""A claim's numbers by strength and replicate, and which of them a trend can be tested on."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.analysis.claims.records import Claim
from core.analysis.claims.trajectory import Measurement, Trajectory
from core.analysis.formatting import is_cap
from core.spec import BASELINE

Why = Literal["diverged", "failed", "no_number"]


@dataclass(frozen=True)
class ClaimCell:
    """One strength's numbers. The API returns it as it is. The baseline is strength 0 of ``none``."""

    regularizer: str
    strength: float
    values: Annotated[
        dict[str, float | None],
        Field(description="by seed: the number; null where it was not reached by the last epoch"),
    ]
    mean: Annotated[float | None, Field(description="null where a run has not reached it, or none has a number")]
    censored: Annotated[int, Field(description="number of runs that have not reached it by the last epoch")]
    left_out: Annotated[
        Why | None,
        Field(description="why the trend leaves this strength out: a run of it diverged, failed or has no number"),
    ]


@dataclass(frozen=True)
class Grid:
    """One regularizer's numbers for one claim. ``cells``: the baseline first, then by rising regularization.

    ``matrix``: (replicates, strengths) of the cells that are not left out, of the replicates that have all of them.
    """

    cells: list[ClaimCell]
    replicates: list[Hashable]
    matrix: NDArray[np.float64]


def measure_grid(key: str, claim: Claim, runs: Sequence[Trajectory]) -> Grid:
    """``runs``: of the experiment. A strength of 0 is the baseline itself, and no other one beside it."""
    groups = _group(key, runs)
    others = {run.replicate: run for run in groups[BASELINE, 0.0] if run.lost is None}
    cells, rows = [], []
    for (name, strength), own in groups.items():
        found = {run.replicate: claim.measure(run, others[run.replicate]) for run in own if _can_measure(run, others)}
        known = {replicate: each for replicate, each in found.items() if each is not None}
        cells.append(_make_cell(name, strength, own, known))
        if cells[-1].left_out is None:
            rows.append({replicate: each.value for replicate, each in known.items()})
    whole = [name for name in (rows[0] if rows else {}) if all(name in row for row in rows)]
    matrix = np.array([[row[name] for row in rows] for name in whole], np.float64).reshape(len(whole), len(rows))
    return Grid(cells, whole, matrix)


def _can_measure(run: Trajectory, others: Mapping[Hashable, Trajectory]) -> bool:
    return run.lost is None and run.replicate in others


def _group(key: str, runs: Sequence[Trajectory]) -> dict[tuple[str, float], list[Trajectory]]:
    groups: dict[tuple[str, float], list[Trajectory]] = {(BASELINE, 0.0): []}
    own = [run for run in runs if run.regularizer == key and (run.strength != 0 or is_cap(key))]
    for run in sorted(own, key=lambda run: -run.strength if is_cap(key) else run.strength):
        groups.setdefault((key, run.strength), []).append(run)
    groups[BASELINE, 0.0] += [run for run in runs if run.regularizer == BASELINE]
    return groups


def _make_cell(
    key: str, strength: float, own: Sequence[Trajectory], known: Mapping[Hashable, Measurement]
) -> ClaimCell:
    values = [each.value for each in known.values()]
    censored = sum(each.censored for each in known.values())
    return ClaimCell(
        regularizer=key,
        strength=strength,
        values={str(name): None if each.censored else each.value for name, each in known.items()},
        mean=float(np.mean(values)) if values and not censored else None,
        censored=censored,
        left_out=_find_loss(key, own) or (None if known else "no_number"),
    )


def _find_loss(key: str, own: Sequence[Trajectory]) -> Why | None:
    """A replicate of the baseline that is lost leaves out itself; one of another strength the strength."""
    lost = [run.lost for run in own if run.lost is not None]
    if not lost or (key == BASELINE and len(lost) < len(own)):
        return None
    return "diverged" if "diverged" in lost else "failed"
