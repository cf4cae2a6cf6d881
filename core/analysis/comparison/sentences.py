"""The verdict across experiments in words, each with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.analysis.cells import Cell
from core.analysis.digits import format_p
from core.analysis.formatting import Task, label_regularizer, name_strength
from core.analysis.selection import Metric
from core.analysis.verdict_sentences import count_noun, format_bounds, format_difference
from core.spec import BASELINE

if TYPE_CHECKING:
    from core.analysis.comparison.compare import AcrossVerdict

_WORDS = {"better": "better", "worse": "worse", "no_difference": "no difference shown"}


def describe_comparison(
    verdicts: Sequence[AcrossVerdict], incomparable: str | None, task: Task, metric: Metric, missing: bool
) -> str:
    """The head of the comparison."""
    if incomparable is not None:
        return f"Nothing is compared on test. {incomparable}"
    judged = [verdict for verdict in verdicts if verdict.adjusted_p is not None]
    shown = sorted((verdict for verdict in judged if verdict.word in ("better", "worse")), key=_rank)
    if not judged:
        text = "nothing is judged yet." if missing else "nothing can be judged; each line says why."
    elif not shown:
        text = f"no difference on test is shown, of {count_noun(len(judged), 'comparison')}."
    else:
        also = f"; {count_noun(len(shown) - 1, 'more difference')} shown" if len(shown) > 1 else ""
        text = f"{_describe_first(shown[0], metric, task)}, of {count_noun(len(judged), 'comparison')}{also}."
    return f"So far: {text}" if missing else text[0].upper() + text[1:]


def _rank(verdict: AcrossVerdict) -> float:
    assert verdict.adjusted_p is not None
    return verdict.adjusted_p


def _describe_first(verdict: AcrossVerdict, metric: Metric, task: Task) -> str:
    assert verdict.difference is not None
    size = format_difference(verdict.difference, metric, task, signed=False)
    subject = _name_subject(verdict)
    return f"{subject} is {verdict.word} in #{verdict.experiment} than in #{verdict.reference}, by {size} on test"


def _name_subject(verdict: AcrossVerdict) -> str:
    if verdict.subject == BASELINE:
        return "the baseline"
    return "the best of each" if verdict.subject == "best" else verdict.label


def describe_across(verdict: AcrossVerdict, judged: int, metric: Metric, task: Task, unit: str) -> str:
    """``judged``: the number of verdicts that Holm's adjustment is over; ``unit``: what a replicate is called."""
    own = _name_side(verdict, verdict.experiment, verdict.cell)
    theirs = _name_side(verdict, verdict.reference, verdict.reference_cell)
    chosen = "" if verdict.subject == BASELINE else ", each chosen on validation"
    head = f"{verdict.label}: {own} against {theirs}"
    if verdict.reason == "no_choice":
        return f"{head}: not judged, since {_describe_absence(verdict)}."
    if verdict.reason == "no_test":
        return f"{head}: chosen, not judged, since one of them has no test part."
    if verdict.reason == "no_outcomes":
        return f"{head}: not judged, since no run of one of them has been tested."
    text = f"{head}{chosen}: {_describe_difference(verdict, judged, metric, task, unit)}"
    return text if verdict.unpaired_because is None else f"{text} {_describe_pairing(verdict)}"


def _name_side(verdict: AcrossVerdict, experiment: int, cell: Cell | None) -> str:
    if cell is None or verdict.subject == BASELINE:
        return f"#{experiment}"
    if cell.regularizer == BASELINE:
        return f"#{experiment} without one"
    strength = name_strength(cell.regularizer, cell.strength)
    named = strength if verdict.subject != "best" else f"{label_regularizer(cell.regularizer)}, {strength}"
    return f"#{experiment} at {named}"


def _describe_absence(verdict: AcrossVerdict) -> str:
    lacking = [
        f"#{experiment}"
        for experiment, cell in ((verdict.experiment, verdict.cell), (verdict.reference, verdict.reference_cell))
        if cell is None
    ]
    whose = " and ".join(lacking)
    if verdict.subject == BASELINE:
        return f"a run of the baseline of {whose} diverged or failed, or has no value yet"
    return f"in {whose} each strength has a diverged or failed run, or no value yet"


def _describe_difference(verdict: AcrossVerdict, judged: int, metric: Metric, task: Task, unit: str) -> str:
    assert verdict.difference is not None
    difference = format_difference(verdict.difference, metric, task)
    size = _count(verdict, unit)
    if verdict.word == "tie":
        return f"every test outcome is the same ({size}): a tie."
    if verdict.reason == "one_replicate":
        return (
            f"{difference} on test ({size}): not judged. One {unit} cannot be told from luck: how much {unit}s differ "
            f"is not known. 3 {unit}s are the least that tell."
        )
    if verdict.reason is not None:
        what = "one test example" if verdict.reason == "one_example" else "outcomes that are all alike"
        return f"{difference} on test ({size}): not judged, since {what} give no interval."
    assert verdict.low is not None
    assert verdict.high is not None
    assert verdict.adjusted_p is not None
    low, high = format_bounds(verdict.low, verdict.high, metric, task)
    p = f"p {format_p(verdict.adjusted_p)}" + (f", Holm-adjusted over {judged}" if judged > 1 else "")
    return f"{difference} on test (95 % interval {low} to {high}; {size}; {p}): {_WORDS[verdict.word]}."


def _count(verdict: AcrossVerdict, unit: str) -> str:
    (own, theirs), (size, other) = verdict.replicates, verdict.examples
    if verdict.pairing == "paired":
        return f"paired, {count_noun(own, unit)} × {count_noun(size, 'example')}"
    first = f"{count_noun(own, unit)} × {count_noun(size, 'example')}"
    return f"not paired, {first} against {theirs:,} × {other:,}"


def _describe_pairing(verdict: AcrossVerdict) -> str:
    return f"Runs are not paired, since {verdict.unpaired_because}: each mean has an interval of its own, by Welch."
