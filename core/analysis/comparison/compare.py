"""The verdict across experiments: each against the first, at the strengths that validation chose in either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Annotated, Literal

from pydantic import Field

from core.analysis.cells import Cell
from core.analysis.comparison.arms import ArmDifference, Pairing, compare_arms
from core.analysis.comparison.choice import BEST, Choice, Replicates, choose_cell
from core.analysis.comparison.sentences import describe_across, describe_comparison
from core.analysis.crossed_interval import SIGNIFICANCE, adjust_by_holm
from core.analysis.design import FIXED, Design
from core.analysis.formatting import Task, label_regularizer
from core.analysis.selection import Metric
from core.analysis.verdict import Word
from core.spec import BASELINE

Reason = Literal["no_choice", "no_test", "no_outcomes", "one_replicate", "one_example", "all_alike"]


@dataclass(frozen=True)
class Side:
    """An experiment, as it is compared.

    ``tested_on``: by label, what decides on which examples it is tested and with which labels it is trained;
    ``loss_unit``: by label, what decides in which unit its losses are.
    """

    id: int
    task: Task
    dataset: str
    cells: Sequence[Cell]
    replicates: Replicates
    tested_on: Mapping[str, object]
    loss_unit: Mapping[str, object]
    missing: str | None = None
    design: Design = FIXED

    def choose(self, subject: str, metric: Metric) -> Choice | None:
        return choose_cell(self.cells, self.replicates, subject, metric, self.design)


@dataclass(frozen=True)
class AcrossVerdict:
    """One experiment against the first one. The API returns it as it is.

    Differences are of the metric: `experiment` less `reference`; of accuracies 0.01 is one point.
    """

    subject: Annotated[str, Field(description="a regularizer, `none` for the baselines, or `best` of all in each")]
    label: str
    experiment: int
    reference: int
    cell: Annotated[Cell | None, Field(description="what validation chose; null: nothing can be chosen")]
    reference_cell: Cell | None
    pairing: Annotated[
        Pairing | None,
        Field(description="`paired`: by seed and test example; `unpaired`: by Welch; null: not compared"),
    ]
    unpaired_because: Annotated[str | None, Field(description="why runs are not paired, in words")]
    word: Annotated[Word, Field(description="`not_judged`: see `reason`")]
    reason: Annotated[Reason | None, Field(description="why there is no interval; null where there is one")]
    difference: float | None
    low: Annotated[float | None, Field(description="of the 95 % interval")]
    high: float | None
    standard_error: float | None
    degrees: Annotated[float | None, Field(description="degrees of freedom, by Satterthwaite")]
    p: Annotated[float | None, Field(description="two-sided, of no difference")]
    cross_fitted_difference: Annotated[
        float | None,
        Field(description="each replicate at the strength that the others chose: free of the choice's luck"),
    ]
    cross_fitted_p: float | None
    adjusted_p: Annotated[
        float | None, Field(description="the larger of the two, by Holm over all of these verdicts: gives the word")
    ]
    replicates: Annotated[tuple[int, int], Field(description="of the experiment, and of the reference")]
    examples: Annotated[tuple[int, int], Field(description="test examples, of the same two")]
    sentence: str


@dataclass(frozen=True)
class Across:
    """The verdicts, or why there are none."""

    sentence: str
    incomparable: str | None
    verdicts: list[AcrossVerdict]


def compare(sides: Sequence[Side], metric: Metric) -> Across:
    """``sides``: at least two; the first is the reference."""
    incomparable = find_incomparable(sides, metric)
    verdicts = [] if incomparable else _conclude(_judge_all(sides, metric), sides, metric)
    missing = any(side.missing is not None for side in sides)
    return Across(describe_comparison(verdicts, incomparable, sides[0].task, metric, missing), incomparable, verdicts)


def find_incomparable(sides: Sequence[Side], metric: Metric) -> str | None:
    """Why the metric of these experiments cannot be compared, in words; None where it can."""
    first = sides[0]
    if any(side.task != first.task for side in sides):
        return "Some are classifications and some regressions: accuracy and R² cannot be compared, nor their losses."
    if any(side.dataset != first.dataset for side in sides):
        return "Their data sets differ, so a difference on test would be one of the data."
    units = [name for side in sides[1:] for name in _list_mismatches(side.loss_unit, first.loss_unit)]
    if metric == "loss" and units:
        return f"Their losses have different units, since {_name_fields(units)}: compare them by R²."
    return None


def _list_mismatches(one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    return [name for name in {**one, **other} if one.get(name) != other.get(name)]


def _name_fields(labels: Sequence[str]) -> str:
    names = list(dict.fromkeys(label[:1].lower() + label[1:] for label in labels))
    listed = ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]
    return f"{listed} {'differ' if len(names) > 1 else 'differs'}"


def _judge_all(sides: Sequence[Side], metric: Metric) -> list[AcrossVerdict]:
    reference, *others = sides
    return [_judge(subject, side, reference, metric) for side in others for subject in _list_subjects(side, reference)]


def _list_subjects(side: Side, reference: Side) -> list[str]:
    """The regularizers of both, the best of each where either has another one, and the baselines."""
    own, theirs = (list(dict.fromkeys(c.regularizer for c in each.cells)) for each in (side, reference))
    shared = [key for key in theirs if key in own and key != BASELINE]
    swept = {*own, *theirs} - {BASELINE}
    best = [BEST] if len(swept) > 1 or len(shared) < len(swept) else []
    return [*best, *shared, BASELINE]


def _judge(subject: str, side: Side, reference: Side, metric: Metric) -> AcrossVerdict:
    own, theirs = (each.choose(subject, metric) for each in (side, reference))
    mismatches = _list_mismatches(side.tested_on, reference.tested_on)
    designs = side.design, reference.design
    found = fitted = None
    if own is not None and theirs is not None:
        found = compare_arms(own.arm, theirs.arm, designs, is_matched=not mismatches)
        pairs = zip_longest(own.fitted, theirs.fitted)
        every = [
            compare_arms(one or own.fitted[0], other or theirs.fitted[0], designs, is_matched=not mismatches)
            for one, other in pairs
        ]
        fitted = max((each for each in every if each is not None), key=_read_p, default=None)
    interval = None if found is None else found.interval
    return AcrossVerdict(
        subject=subject,
        label=_label(subject),
        experiment=side.id,
        reference=reference.id,
        cell=None if own is None else own.cell,
        reference_cell=None if theirs is None else theirs.cell,
        pairing=None if found is None else found.pairing,
        unpaired_because=_explain_unpaired(found, mismatches, _name_unit(designs)),
        word="tie" if found is not None and found.is_tie else "not_judged",
        reason=_find_reason(own, theirs, found, designs),
        difference=None if found is None else found.mean,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        standard_error=None if interval is None else interval.standard_error,
        degrees=None if interval is None else interval.degrees,
        p=None if interval is None else interval.p,
        cross_fitted_difference=None if fitted is None else fitted.mean,
        cross_fitted_p=None if fitted is None or fitted.interval is None else fitted.interval.p,
        adjusted_p=None,
        replicates=(0, 0) if found is None else found.replicates,
        examples=(0, 0) if found is None else found.examples,
        sentence="",
    )


def _read_p(difference: ArmDifference) -> float:
    return 1.0 if difference.interval is None else difference.interval.p


def _name_unit(designs: tuple[Design, Design]) -> str:
    """What a replicate is called in both."""
    units = {design.unit for design in designs}
    return units.pop() if len(units) == 1 else "replicate"


def _label(subject: str) -> str:
    return "Best of each" if subject == BEST else label_regularizer(subject)


def _explain_unpaired(found: ArmDifference | None, mismatches: Sequence[str], unit: str) -> str | None:
    if found is None or found.pairing == "paired":
        return None
    return _name_fields(mismatches) if mismatches else f"they share fewer than two {unit}s"


def _find_reason(
    own: Choice | None, theirs: Choice | None, found: ArmDifference | None, designs: tuple[Design, Design]
) -> Reason | None:
    if own is None or theirs is None:
        return "no_choice"
    if not all(design.has_test for design in designs):
        return "no_test"
    if found is None:
        return "no_outcomes"
    if found.interval is not None:
        return None
    if found.is_tie:
        return "all_alike"
    if min(found.replicates) < 2:
        return "one_replicate"
    return "one_example" if min(found.examples) < 2 else "all_alike"


def _conclude(verdicts: Sequence[AcrossVerdict], sides: Sequence[Side], metric: Metric) -> list[AcrossVerdict]:
    """Adjusted over those that have an interval, and put into words."""
    judged = [index for index, verdict in enumerate(verdicts) if verdict.p is not None]
    adjusted = dict(zip(judged, adjust_by_holm([_find_larger_p(verdicts[index]) for index in judged]), strict=True))
    task, designs = sides[0].task, {side.id: side.design for side in sides}
    concluded = []
    for index, verdict in enumerate(verdicts):
        p = adjusted.get(index)
        verdict = replace(verdict, adjusted_p=p, word=_choose_word(verdict, p, metric))
        unit = _name_unit((designs[verdict.experiment], designs[verdict.reference]))
        concluded.append(replace(verdict, sentence=describe_across(verdict, len(judged), metric, task, unit)))
    return concluded


def _find_larger_p(verdict: AcrossVerdict) -> float:
    assert verdict.p is not None
    return max(verdict.p, 1.0 if verdict.cross_fitted_p is None else verdict.cross_fitted_p)


def _choose_word(verdict: AcrossVerdict, adjusted: float | None, metric: Metric) -> Word:
    if adjusted is None or verdict.difference is None:
        return verdict.word
    if adjusted >= SIGNIFICANCE:
        return "no_difference"
    return "better" if (verdict.difference > 0) == (metric == "score") else "worse"
