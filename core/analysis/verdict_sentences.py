"""Verdicts in words, each with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.analysis.cells import Cell
from core.analysis.crossed_interval import SIGNIFICANCE
from core.analysis.design import Design
from core.analysis.digits import format_p
from core.analysis.formatting import Task, get_symbol, name_strength
from core.analysis.selection import Metric, Selection

if TYPE_CHECKING:
    from core.analysis.verdict import Verdict

_MOST_DECIMALS = 9
_WORDS = {
    "better": "better",
    "worse": "worse",
    "no_difference": "no difference shown",
    "tie": "a tie",
    "not_judged": "not judged",
}


def describe_answer(
    verdicts: Sequence[Verdict],
    tried: int,
    baseline: Cell | None,
    metric: Metric,
    task: Task,
    missing: str | None,
    design: Design,
) -> str:
    """The head of the answer. ``verdicts``: the best first; ``missing``: see ``judge``."""
    so_far = "So far: " if missing is not None else ""
    if not verdicts:
        return f"{so_far}Only the baseline was trained; there is nothing to compare it with."
    of = f"of {count_noun(len(verdicts), 'regularizer')} and {count_noun(tried, 'strength')} tried"
    better = [verdict for verdict in verdicts if verdict.word == "better"]
    if baseline is None:
        text = "there is no baseline to compare with."
    elif better:
        first = better[0]
        also = f"; {count_noun(len(better) - 1, 'other')} too" if len(better) > 1 else ""
        gain = f"by {_write_difference(first, metric, task, signed=False)} on test"
        text = f"{name_choice(first)} is better than the baseline {gain}, {of}{also}."
    elif not design.has_test:
        text = f"chosen, not judged: there is no test part, {of}."
    elif all(verdict.word == "not_judged" for verdict in verdicts):
        text = f"nothing is judged yet, {of}."
    else:
        text = f"no regularizer is shown to be better than the baseline, {of}."
    return so_far + text[0].upper() + text[1:]


def describe_verdict(verdict: Verdict, judged: int, metric: Metric, task: Task, design: Design) -> str:
    """``judged``: the number of regularizers that Holm's adjustment is over."""
    if verdict.selection is None:
        return f"{verdict.label}: no strength can be chosen, since each has a diverged or failed run or no value yet."
    head = f"{name_choice(verdict)}, {_describe_choice(verdict.selection)}"
    body = f"{head}: {_describe_difference(verdict, judged, metric, task, design)}"
    lucky = _describe_luck(verdict, metric, task, design)
    settled = _describe_resolution(verdict, metric, task, design)
    notes = [lucky, _describe_validation(verdict), _describe_edge(verdict), settled]
    return " ".join([body, *(note for note in notes if note)])


def name_choice(verdict: Verdict) -> str:
    """``L2 at λ = 10⁻³``."""
    assert verdict.selection is not None
    return f"{verdict.label} at {name_strength(verdict.regularizer, verdict.selection.minimum.strength)}"


def _describe_choice(selection: Selection) -> str:
    return f"chosen of {count_noun(selection.tried, 'strength')} on validation"


def _describe_difference(verdict: Verdict, judged: int, metric: Metric, task: Task, design: Design) -> str:
    own = " of its own" if design.is_nested else ""
    size = f"{design.count(verdict.replicates)} × {count_noun(verdict.examples, 'example')}{own}"
    if verdict.reason == "no_test":
        return "chosen, not judged, since there is no test part."
    if verdict.reason == "no_baseline":
        return "not judged, since a run of the baseline diverged or failed, or has no value yet."
    if verdict.reason == "no_outcomes":
        return "not judged yet, since no pair of runs has both been tested."
    difference = _write_difference(verdict, metric, task)
    if verdict.word == "tie":
        return f"every test outcome is the baseline's ({size}): a tie."
    if verdict.reason == "one_replicate":
        unit = design.unit
        return (
            f"{difference} on test ({size}): not judged. One {unit} cannot be told from luck: how much {unit}s differ "
            f"is not known. 3 {unit}s are the least that tell."
        )
    if verdict.reason is not None:
        what = "one test example" if verdict.reason == "one_example" else "outcomes that all differ alike"
        return f"{difference} on test ({size}): not judged, since {what} give no interval."
    assert verdict.adjusted_p is not None
    low, high = _write_bounds(verdict, metric, task)
    p = f"p {format_p(verdict.adjusted_p)}" + (f", Holm-adjusted over {judged}" if judged > 1 else "")
    return f"{difference} on test (95 % interval {low} to {high}; {size}; {p}): {_WORDS[verdict.word]}."


def _describe_luck(verdict: Verdict, metric: Metric, task: Task, design: Design) -> str:
    """Where it is the choice of the strength that leaves the difference open."""
    if (
        verdict.word != "no_difference"
        or verdict.p is None
        or verdict.p >= SIGNIFICANCE
        or verdict.above_baseline is False
    ):
        return ""
    if (
        verdict.cross_fitted_difference is None
        or verdict.cross_fitted_p is None
        or verdict.cross_fitted_p < SIGNIFICANCE
    ):
        return ""
    fitted = format_difference(verdict.cross_fitted_difference, metric, task, signed=True)
    p = format_p(verdict.cross_fitted_p)
    return (
        f"Where each {design.unit} takes the strength that the others chose it is {fitted} (p {p}): "
        f"the choice may owe its success to these {design.unit}s' luck."
    )


def _describe_validation(verdict: Verdict) -> str:
    if verdict.above_baseline is False:
        return "On validation none of its strengths is above the baseline, so the baseline would be chosen."
    return ""


def _describe_edge(verdict: Verdict) -> str:
    assert verdict.selection is not None
    if verdict.selection.edge is None:
        return ""
    symbol, edge = get_symbol(verdict.regularizer), verdict.selection.edge
    return f"That is the {edge} {symbol} tried: the best may lie beyond."


def _describe_resolution(verdict: Verdict, metric: Metric, task: Task, design: Design) -> str:
    found = verdict.resolution
    if found is None or verdict.word != "no_difference":
        return ""
    if found.replicates is not None:
        return f"About {count_noun(found.replicates, design.unit)} would show a difference of this size."
    now = format_difference(found.half_width, metric, task, signed=False)
    if found.examples is None:
        return f"So many {design.unit}s and examples show only a difference of about {now} or more."
    limit = format_difference(found.with_all_replicates, metric, task, signed=False)
    return (
        f"More {design.unit}s cannot settle a difference below {limit}; about {found.examples:,} test examples could."
    )


def count_noun(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _write_difference(verdict: Verdict, metric: Metric, task: Task, *, signed: bool = True) -> str:
    assert verdict.difference is not None
    return format_difference(verdict.difference, metric, task, signed=signed)


def _write_bounds(verdict: Verdict, metric: Metric, task: Task) -> tuple[str, str]:
    assert verdict.low is not None
    assert verdict.high is not None
    return format_bounds(verdict.low, verdict.high, metric, task)


def format_bounds(low: float, high: float, metric: Metric, task: Task) -> tuple[str, str]:
    """Of an interval, without the unit."""
    scale, decimals, _ = _choose_unit(metric, task)
    bounds = scale * low, scale * high
    # So many that no bound beside 0 looks like 0.
    while decimals < _MOST_DECIMALS and any(bound and float(f"{bound:.{decimals}f}") == 0 for bound in bounds):
        decimals += 1
    lower, upper = (f"{bound:.{decimals}f}".replace("-", "−") for bound in bounds)
    return lower, upper


def format_difference(difference: float, metric: Metric, task: Task, *, signed: bool = True) -> str:
    """``+1.7 points``, ``−0.012 of loss``."""
    scale, decimals, unit = _choose_unit(metric, task)
    value = scale * difference
    while decimals < _MOST_DECIMALS and value and float(f"{value:.{decimals}f}") == 0:
        decimals += 1
    text = f"{value:+.{decimals}f}" if signed else f"{abs(value):.{decimals}f}"
    return f"{text}{unit}".replace("-", "−")


def _choose_unit(metric: Metric, task: Task) -> tuple[float, int, str]:
    """A factor, the decimals, and the unit behind a difference."""
    if metric == "loss":
        return 1.0, 3, " of loss"
    return (100.0, 1, " points") if task == "classification" else (1.0, 3, " of R²")
