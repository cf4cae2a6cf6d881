"""Verdicts on claims in words, each with its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.analysis.claims.cells import ClaimCell
from core.analysis.claims.records import Unit
from core.analysis.crossed_interval import SIGNIFICANCE
from core.analysis.design import Design
from core.analysis.digits import format_p, format_scores, tell_apart
from core.analysis.formatting import name_strength
from core.spec import BASELINE

if TYPE_CHECKING:
    from core.analysis.claims.verdicts import ClaimVerdict

_WORDS = {
    "holds": "Holds",
    "reverse": "The reverse holds",
    "mixed": "Mixed",
    "not_shown": "Not shown",
    "not_judged": "Not judged",
}
_MOST_DIGITS = 6
_WHY = {
    "no_baseline": "every run of the baseline diverged or failed.",
    "no_number": "no run has this number yet, or the baseline has none.",
    "no_strength": "of each strength a run diverged or failed.",
    "one_step": "an epoch is a single step, so no minibatch differs from another.",
    "one_replicate": "one {unit} cannot be told from luck; two are the least that tell.",
    "same_replicates": "all {unit}s come to the same solution, so they are no sample; other splits would be.",
}


def describe_verdict(verdict: ClaimVerdict, tested: int, design: Design) -> str:
    """``tested``: the number of trends that Holm's adjustment is over."""
    head, numbers = _WORDS[verdict.word], _describe_numbers(verdict)
    if verdict.reason is not None:
        return f"{head}, since {_WHY[verdict.reason].format(unit=design.unit)}" + (
            f" Seen: {numbers}." if numbers else ""
        )
    assert verdict.adjusted_p is not None
    basis = f"the baseline and {_count(verdict.strengths, 'strength')}, {design.count(verdict.replicates)}"
    p = f"p {format_p(verdict.adjusted_p)}" + (f", Holm-adjusted over {tested}" if tested > 1 else "")
    mixed = "It does not go with the strength steadily: see the figure." if verdict.word == "mixed" else ""
    notes = [mixed, _describe_missing(verdict), _describe_power(verdict, tested, design)]
    text = f"{head}: {numbers} (trend over {basis}; rank correlation {_write_correlation(verdict)}; {p})."
    return " ".join([text, *(note for note in notes if note)])


def format_values(values: Sequence[float], unit: Unit) -> list[str]:
    """With as many digits as tell them apart, and the unit where it is one word."""
    if unit == "share":
        return format_scores(values, "classification")
    texts = tell_apart(values, lambda value, digits: f"{value:.{digits}g}".replace("-", "−"), 3, _MOST_DIGITS)
    return [f"{text} epochs" if unit == "epochs" else text for text in texts]


def _describe_numbers(verdict: ClaimVerdict) -> str:
    """``1.2 epochs in the baseline, 4.8 epochs at λ = 0.1``: the ends of the trend."""
    used = [cell for cell in verdict.cells if cell.left_out is None]
    ends = [used[0], used[-1]] if len(used) > 1 else used
    means = [cell.mean for cell in ends if cell.mean is not None]
    texts = dict(zip(means, format_values(means, verdict.unit), strict=True))
    return ", ".join(f"{_describe_cell(cell, texts)} {_name(cell)}" for cell in ends)


def _describe_cell(cell: ClaimCell, texts: dict[float, str]) -> str:
    if cell.mean is not None:
        return texts[cell.mean]
    if cell.censored == len(cell.values):
        return "not reached"
    return f"not reached by {cell.censored} of {_count(len(cell.values), 'run')}"


def _name(cell: ClaimCell) -> str:
    if cell.regularizer == BASELINE:
        return "in the baseline"
    return f"at {name_strength(cell.regularizer, cell.strength)}"


def _write_correlation(verdict: ClaimVerdict) -> str:
    assert verdict.correlation is not None
    return f"{verdict.correlation:.2f}".replace("-", "−").replace("−0.00", "0.00")


def _describe_missing(verdict: ClaimVerdict) -> str:
    parts = []
    if verdict.censored:
        runs = _count(verdict.censored, "run")
        parts.append(f"{runs} had not reached it by the end, and rank{'s' if verdict.censored == 1 else ''} last.")
    left_out = [cell for cell in verdict.cells if cell.left_out is not None]
    if left_out:
        parts.append(f"Left out: {', '.join(f'{_name_only(cell)} ({_say(cell)})' for cell in left_out)}.")
    return " ".join(parts)


def _name_only(cell: ClaimCell) -> str:
    return name_strength(cell.regularizer, cell.strength)


def _say(cell: ClaimCell) -> str:
    return {"diverged": "diverged", "failed": "failed"}.get(cell.left_out or "", "no number")


def _describe_power(verdict: ClaimVerdict, tested: int, design: Design) -> str:
    """Where no trend could have been shown by so few."""
    if verdict.word != "not_shown" or verdict.least_p is None or verdict.least_p * tested < SIGNIFICANCE:
        return ""
    return f"So few {design.unit}s and strengths could not show it."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
