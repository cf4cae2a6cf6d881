"""Verdicts on the textbook's claims: per regularizer and claim, whether its number goes with the strength."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from core.analysis.claims.cells import ClaimCell, Grid, measure_grid
from core.analysis.claims.records import CLAIMS, Claim, ClaimName, Unit
from core.analysis.claims.sentences import describe_verdict
from core.analysis.claims.trajectory import Trajectory
from core.analysis.claims.trend import Matrix, find_least_p, find_trend
from core.analysis.crossed_interval import SIGNIFICANCE, adjust_by_holm
from core.analysis.design import FIXED, Design
from core.analysis.formatting import Task, label_regularizer
from core.spec import BASELINE

Word = Literal["holds", "reverse", "mixed", "not_shown", "not_judged"]
Reason = Literal["one_replicate", "same_replicates", "no_baseline", "no_strength", "no_number", "one_step"]
# Relative differences between replicates below this are what a solver leaves of none.
_SAME = 1e-4
# A trend of a weaker rank correlation is one by and large only.
_STEADY = 0.5


@dataclass(frozen=True)
class ClaimVerdict:
    """One claim about one regularizer. The API returns it as it is."""

    claim: ClaimName
    title: Annotated[str, Field(examples=["The training loss falls more slowly"])]
    number: Annotated[str, Field(description="what is measured, in words")]
    unit: Unit
    rises: Annotated[bool, Field(description="whether the claim is that the number rises with the strength")]
    regularizer: str
    label: str
    word: Annotated[
        Word,
        Field(
            description="`reverse`: the reverse holds; `mixed`: the trend is not `steady`; `not_judged`: see `reason`"
        ),
    ]
    reason: Annotated[Reason | None, Field(description="why there is no trend test; null where there is one")]
    statistic: Annotated[float | None, Field(description="Page's L: Σ of place in the order × rank")]
    correlation: Annotated[
        float | None,
        Field(description="of ranks and order over all seeds: 1 where the number never falls, −1 where it never rises"),
    ]
    steady: Annotated[
        bool | None,
        Field(description="|correlation| ≥ 0.5, and at the strongest strength most seeds lie where the trend leads"),
    ]
    p: Annotated[float | None, Field(description="two-sided, of no trend")]
    adjusted_p: Annotated[
        float | None, Field(description="by Holm over all claims and regularizers that are tested: gives the word")
    ]
    least_p: Annotated[float | None, Field(description="the smallest p that so few seeds and strengths can give")]
    replicates: Annotated[int, Field(description="seeds with a number at every strength in the trend")]
    strengths: Annotated[int, Field(description="strengths in the trend besides the baseline, which is its first")]
    censored: Annotated[int, Field(description="number of runs that have not reached it by the last epoch")]
    cells: Annotated[list[ClaimCell], Field(description="the baseline first, then by rising regularization")]
    sentence: Annotated[
        str,
        Field(
            examples=[
                "Holds: 1.2 epochs in the baseline, 4.8 at λ = 0.1 "
                "(trend over the baseline and 7 strengths, 5 seeds; rank correlation 0.98; p < 0.001)."
            ]
        ),
    ]


@dataclass(frozen=True)
class Claims:
    """What the textbook says, and whether it holds in an experiment. The API returns it as it is."""

    complete: Annotated[bool, Field(description="whether every run has ended; else the verdicts are ones so far")]
    missing: Annotated[str | None, Field(description="what is still missing, in words")]
    epoch: Annotated[int, Field(description="the epoch up to which the runs are compared: all of them have come to it")]
    start: Annotated[
        Literal[0, 1],
        Field(
            description="where falls and rises start: 0, before the first step, or after epoch 1 where 0 was not kept"
        ),
    ]
    note: Annotated[str | None, Field(description="what `start` means for the numbers, where it is not 0")]
    verdicts: Annotated[list[ClaimVerdict], Field(description="by regularizer, then in the order of the page")]


def judge_claims(runs: Sequence[Trajectory], task: Task, design: Design = FIXED) -> list[ClaimVerdict]:
    """By regularizer as they first appear, then by claim. ``runs``: of the whole experiment, cut at a common epoch."""
    same = are_copies(runs)
    keys = dict.fromkeys(run.regularizer for run in runs if run.regularizer != BASELINE)
    verdicts = [_judge(key, claim, runs, task, same=same) for key in keys for claim in CLAIMS]
    tested = [verdict.p for verdict in verdicts if verdict.p is not None]
    adjusted = iter(adjust_by_holm(tested))
    return [
        _conclude(verdict, next(adjusted) if verdict.p is not None else None, len(tested), design)
        for verdict in verdicts
    ]


def are_copies(runs: Sequence[Trajectory]) -> bool:
    """Whether the replicates are one and the same run, as where a convex problem is solved: they are no sample."""
    groups: dict[tuple[str, float], dict[Hashable, tuple[float, float]]] = {}
    for run in runs:
        if run.lost is None and run.train_loss.size:
            ends = float(run.train_loss[run.counted]), float(run.weight_norm[run.counted])
            groups.setdefault((run.regularizer, run.strength), {})[run.replicate] = ends
    several = [np.array(list(ends.values())) for ends in groups.values() if len(ends) > 1]
    return bool(several) and all(np.allclose(ends, ends[:1], rtol=_SAME, atol=0) for ends in several)


def _judge(key: str, claim: Claim, runs: Sequence[Trajectory], task: Task, *, same: bool) -> ClaimVerdict:
    grid = measure_grid(key, claim, runs)
    reason = _find_reason(grid, claim, runs, same=same)
    trend = None if reason is not None else find_trend(grid.matrix)
    title, number = claim.describe(task)
    return ClaimVerdict(
        claim=claim.name,
        title=title,
        number=number,
        unit=claim.unit,
        rises=claim.rises,
        regularizer=key,
        label=label_regularizer(key),
        word="not_judged",
        reason=reason,
        statistic=None if trend is None else trend.statistic,
        correlation=None if trend is None else trend.correlation,
        steady=None if trend is None else _is_steady(trend.correlation, grid.matrix),
        p=None if trend is None else trend.p,
        adjusted_p=None,
        least_p=None if trend is None else find_least_p(*grid.matrix.shape),
        replicates=len(grid.replicates),
        strengths=max(0, grid.matrix.shape[1] - 1),
        censored=sum(cell.censored for cell in grid.cells),
        cells=grid.cells,
        sentence="",
    )


def _find_reason(grid: Grid, claim: Claim, runs: Sequence[Trajectory], *, same: bool) -> Reason | None:
    baseline, *others = grid.cells
    if claim.name in ("roughness", "relative_roughness") and runs and max(run.steps for run in runs) < 2:
        return "one_step"
    if baseline.left_out in ("diverged", "failed"):
        return "no_baseline"
    if baseline.left_out or all(cell.left_out == "no_number" for cell in others):
        return "no_number"
    if all(cell.left_out for cell in others):
        return "no_strength"
    if len(grid.replicates) < 2:
        return "one_replicate"
    return "same_replicates" if same else None


def _conclude(verdict: ClaimVerdict, adjusted: float | None, tested: int, design: Design) -> ClaimVerdict:
    verdict = replace(verdict, adjusted_p=adjusted, word=_choose_word(verdict, adjusted))
    return replace(verdict, sentence=describe_verdict(verdict, tested, design))


def _choose_word(verdict: ClaimVerdict, adjusted: float | None) -> Word:
    if adjusted is None or verdict.correlation is None:
        return "not_judged"
    if adjusted >= SIGNIFICANCE:
        return "not_shown"
    if not verdict.steady:
        return "mixed"
    return "holds" if (verdict.correlation > 0) == verdict.rises else "reverse"


def _is_steady(correlation: float, matrix: Matrix) -> bool:
    """Where a number falls and rises again, a trend over all strengths is no verdict."""
    first, last = matrix[:, 0], matrix[:, -1]
    rises = int((last > first).sum()) - int((last < first).sum())
    return abs(correlation) >= _STEADY and rises * correlation > 0
