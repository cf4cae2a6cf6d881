"""The verdict: per regularizer the strength that validation chose, judged against the baseline on test."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from core.analysis.cells import Cell, is_sound
from core.analysis.cross_fitting import Replicate, compare_cross_fitted
from core.analysis.crossed_interval import SIGNIFICANCE, CrossedDifference, Interval, adjust_by_holm, compare
from core.analysis.design import FIXED, Design
from core.analysis.formatting import Task, label_regularizer
from core.analysis.next_steps import NextStep
from core.analysis.observations.observation import Observation
from core.analysis.resolution import Resolution, find_resolution
from core.analysis.selection import Metric, Selection, beats, read_mean, select_strength
from core.analysis.verdict_sentences import describe_answer, describe_verdict
from core.spec import BASELINE

Word = Literal["better", "no_difference", "tie", "worse", "not_judged"]
Reason = Literal["no_strength", "no_baseline", "no_test", "no_outcomes", "one_replicate", "one_example", "all_alike"]
_ORDER: tuple[Word, ...] = ("better", "no_difference", "tie", "not_judged", "worse")
# By replicate, by (regularizer, strength).
Replicates = Mapping[tuple[str, float], Mapping[Hashable, Replicate]]


@dataclass(frozen=True)
class Verdict:
    """One regularizer against the baseline. The API returns it as it is.

    Differences are of the metric: the strength chosen less the baseline; of accuracies 0.01 is one point.
    """

    regularizer: str
    label: str
    word: Annotated[Word, Field(description="`not_judged`: see `reason`")]
    reason: Annotated[Reason | None, Field(description="why there is no interval; null where there is one")]
    selection: Annotated[Selection | None, Field(description="null: each strength has a diverged or failed run")]
    above_baseline: Annotated[
        bool | None, Field(description="whether λ_min's mean on validation is better than the baseline's")
    ]
    difference: Annotated[float | None, Field(description="mean over replicates and test examples")]
    low: Annotated[float | None, Field(description="of the 95 % interval")]
    high: float | None
    standard_error: float | None
    degrees: Annotated[float | None, Field(description="degrees of freedom, by Satterthwaite")]
    p: Annotated[float | None, Field(description="two-sided, of no difference")]
    cross_fitted_difference: Annotated[
        float | None,
        Field(description="each replicate at the strength that the others chose: free of the choice's luck"),
    ]
    cross_fitted_p: Annotated[float | None, Field(description="two-sided, of no such difference")]
    adjusted_p: Annotated[
        float | None,
        Field(description="the larger of the two, by Holm over the regularizers that are judged: gives the word"),
    ]
    replicates: Annotated[int, Field(description="pairs of runs with the same seed and split")]
    examples: Annotated[int, Field(description="test examples, of each replicate where they differ")]
    resolution: Annotated[Resolution | None, Field(description="what would settle it; null where it is settled")]
    next_steps: Annotated[list[NextStep], Field(description="extensions that would tell more")]
    sentence: Annotated[
        str,
        Field(
            examples=[
                "L2 at λ = 10⁻³, chosen of 6 strengths on validation: +1.7 points on test "
                "(95 % interval 0.3 to 3.1; 10 seeds × 359 examples; p = 0.034, Holm-adjusted over 3): better."
            ]
        ),
    ]


@dataclass(frozen=True)
class Answer:
    """Which regularizer, at which strength, and whether the difference is real. The API returns it as it is."""

    metric: Annotated[Metric, Field(description="what chooses on validation and is compared on test")]
    complete: Annotated[bool, Field(description="whether every run has ended; else the answer is one so far")]
    missing: Annotated[str | None, Field(description="what is still missing, in words")]
    sentence: str
    basis: Annotated[str, Field(description="which rows it is about; without a test part, that nothing is judged")]
    strengths: Annotated[int, Field(description="number of strengths tried, of all regularizers")]
    baseline: Annotated[Cell | None, Field(description="null: it has no value, or one of its runs diverged or failed")]
    excluded: Annotated[list[Cell], Field(description="cells with diverged or failed runs, which cannot be chosen")]
    verdicts: Annotated[list[Verdict], Field(description="the best first")]
    observations: Annotated[list[Observation], Field(description="what the curves show, in checked sentences")]


def judge(
    cells: Sequence[Cell],
    replicates: Replicates,
    metric: Metric,
    task: Task,
    *,
    missing: str | None = None,
    design: Design = FIXED,
) -> Answer:
    """``cells``: as ``summarize_cells``; ``replicates``: of the same runs, those without a value left out.

    ``missing``: what has not ended yet, in words.
    """
    baseline = next((cell for cell in cells if cell.regularizer == BASELINE), None)
    if baseline is not None and (not is_sound(baseline) or read_mean(baseline, metric) is None):
        baseline = None
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.regularizer != BASELINE:
            groups.setdefault(cell.regularizer, []).append(cell)
    judged = [_judge_one(key, own, baseline, replicates, metric, design) for key, own in groups.items()]
    verdicts = _conclude(judged, metric, task, design)
    tried = sum(cell.regularizer != BASELINE for cell in cells)
    return Answer(
        metric=metric,
        complete=missing is None,
        missing=missing,
        sentence=describe_answer(verdicts, tried, baseline, metric, task, missing, design),
        basis=design.describe(),
        strengths=tried,
        baseline=baseline,
        excluded=[cell for cell in cells if cell.diverged or cell.failed],
        verdicts=verdicts,
        observations=[],
    )


def _judge_one(
    key: str, cells: Sequence[Cell], baseline: Cell | None, replicates: Replicates, metric: Metric, design: Design
) -> Verdict:
    selection = select_strength(cells, metric)
    found = fitted = None
    if selection is not None and baseline is not None:
        others = replicates.get((BASELINE, 0.0), {})
        found = _compare(replicates.get((key, selection.minimum.strength), {}), others, design)
        path = {cell.strength: replicates.get((key, cell.strength), {}) for cell in cells if is_sound(cell)}
        fitted = found if len(path) == 1 else compare_cross_fitted(path, others, key, design)
    return Verdict(
        regularizer=key,
        label=label_regularizer(key),
        word="tie" if found is not None and found.is_tie else "not_judged",
        reason=_find_reason(selection, baseline, found, design),
        selection=selection,
        above_baseline=None if selection is None or baseline is None else beats(selection.minimum, baseline, metric),
        difference=None if found is None else found.mean,
        **_spread(None if found is None else found.interval),
        cross_fitted_difference=None if fitted is None else fitted.mean,
        cross_fitted_p=None if fitted is None or fitted.interval is None else fitted.interval.p,
        adjusted_p=None,
        replicates=0 if found is None else found.replicates,
        examples=0 if found is None else found.examples,
        resolution=None if found is None else find_resolution(found),
        next_steps=[],
        sentence="",
    )


def _compare(
    own: Mapping[Hashable, Replicate], others: Mapping[Hashable, Replicate], design: Design
) -> CrossedDifference | None:
    """The metric's difference over the replicates that both have; None where there are none."""
    pairs = [(each.outcomes, others[name].outcomes) for name, each in own.items() if name in others]
    tested = [(one, other) for one, other in pairs if one is not None and other is not None]
    if not tested:
        return None
    return compare(np.stack([one.astype(np.float64) - other.astype(np.float64) for one, other in tested]), design)


def _spread(interval: Interval | None) -> dict[str, float | None]:
    names = ("low", "high", "standard_error", "degrees", "p")
    return {name: None if interval is None else getattr(interval, name) for name in names}


def _find_reason(
    selection: Selection | None, baseline: Cell | None, found: CrossedDifference | None, design: Design
) -> Reason | None:
    if selection is None:
        return "no_strength"
    if baseline is None:
        return "no_baseline"
    if not design.has_test:
        return "no_test"
    if found is None:
        return "no_outcomes"
    if found.interval is not None:
        return None
    if found.components is not None:
        return "all_alike"
    return "one_replicate" if found.replicates < 2 else "one_example"


def _conclude(verdicts: Sequence[Verdict], metric: Metric, task: Task, design: Design) -> list[Verdict]:
    """Adjust over those that have an interval, put into words, the best first."""
    judged = {verdict.regularizer: _find_larger_p(verdict) for verdict in verdicts if verdict.p is not None}
    adjusted = dict(zip(judged, adjust_by_holm(list(judged.values())), strict=True))
    concluded = []
    for verdict in verdicts:
        p = adjusted.get(verdict.regularizer)
        verdict = replace(verdict, adjusted_p=p, word=_choose_word(verdict, p, metric))
        if verdict.word in ("better", "worse"):
            verdict = replace(verdict, resolution=None)
        concluded.append(replace(verdict, sentence=describe_verdict(verdict, len(judged), metric, task, design)))
    return sorted(concluded, key=lambda verdict: (_ORDER.index(verdict.word), _rank(verdict, metric)))


def _find_larger_p(verdict: Verdict) -> float:
    """Both must be small: the difference at the strength chosen, and the one without the choice's luck."""
    assert verdict.p is not None
    return max(verdict.p, 1.0 if verdict.cross_fitted_p is None else verdict.cross_fitted_p)


def _choose_word(verdict: Verdict, adjusted: float | None, metric: Metric) -> Word:
    if adjusted is None or verdict.difference is None:
        return verdict.word
    if adjusted >= SIGNIFICANCE:
        return "no_difference"
    gain = verdict.difference if metric == "score" else -verdict.difference
    if gain < 0:
        return "worse"
    # A strength that validation puts at or below the baseline is not one that would have been chosen.
    return "better" if verdict.above_baseline else "no_difference"


def _rank(verdict: Verdict, metric: Metric) -> float:
    """The gain on test, or where there is none on validation, the largest first."""
    if verdict.difference is not None:
        return -verdict.difference if metric == "score" else verdict.difference
    mean = None if verdict.selection is None else read_mean(verdict.selection.minimum, metric)
    return math.inf if mean is None else -mean
