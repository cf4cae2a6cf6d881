"""Findings: problems that a reader must know before the curves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol

from pydantic import Field

from core.analysis.cells import Cell, choose_best
from core.analysis.formatting import Task, format_score, format_strength, label_regularizer, name_strength
from core.analysis.outcome import Ended, Outcome, judge_outcome
from core.spec import BASELINE

Kind = Literal["diverged", "not_converged", "not_better_than_guessing", "without_effect"]
Tone = Literal["bad", "warn", "info"]
# How many strengths are named; the others are counted.
_NAMED = 4


class JudgedRun(Ended, Protocol):
    """The end of a run; ``change``: that of its last epoch, which the tolerance is compared with."""

    @property
    def state(self) -> str: ...
    @property
    def change(self) -> float | None: ...


@dataclass(frozen=True)
class Finding:
    """A problem: what went wrong, or was requested without effect. The API returns it as it is.

    ``without_effect``: an option that changes nothing in this spec.
    """

    kind: Kind
    tone: Tone
    title: Annotated[str, Field(examples=["5 of 57 runs diverged"])]
    sentence: str
    count: Annotated[int, Field(description="number of runs concerned; 0: no particular runs")] = 0
    of: int = 0


def find_outcome(runs: Sequence[JudgedRun]) -> Outcome:
    diverged = [run for run in runs if run.diverged_epoch is not None]
    return judge_outcome(len(runs), len(diverged), sum(run.regularizer == BASELINE for run in diverged))


def list_findings(
    runs: Sequence[JudgedRun],
    cells: Sequence[Cell],
    task: Task,
    *,
    guess: float,
    tolerance: float | None = None,
    epochs: int = 0,
    ineffective: Iterable[str] = (),
) -> list[Finding]:
    """The most serious first. ``guess``: see ``find_best``; ``ineffective``: sentences on options without effect."""
    found = [
        _describe_divergence(runs),
        _describe_guessing(cells, task, guess),
        _describe_rest(runs, tolerance, epochs),
    ]
    options = [Finding("without_effect", "info", "Without effect", sentence) for sentence in ineffective]
    return [finding for finding in found if finding is not None] + options


def _describe_divergence(runs: Sequence[JudgedRun]) -> Finding | None:
    diverged = [run for run in runs if run.diverged_epoch is not None]
    outcome, count, of = find_outcome(runs), len(diverged), len(runs)
    if outcome is Outcome.SOUND:
        return None
    baseline = [run for run in runs if run.regularizer == BASELINE]
    lost = sum(run.diverged_epoch is not None for run in baseline)
    title = {
        Outcome.ALL: f"All {of} runs diverged" if of > 1 else "Its only run diverged",
        Outcome.BASELINE: f"The baseline diverged, and {count} of {of} runs in all"
        if lost == len(baseline)
        else f"{lost} of {len(baseline)} runs of the baseline diverged, and {count} of {of} runs in all",
        Outcome.MOST: f"Most runs diverged: {count} of {of}",
        Outcome.SOME: f"{count} of {of} runs diverged",
    }[outcome]
    consequence = {
        Outcome.ALL: "There is nothing to compare, and no best.",
        Outcome.BASELINE: "So there is nothing to compare the others with.",
        Outcome.MOST: "A strength of which a run diverged can not be best.",
        Outcome.SOME: "A strength of which a run diverged can not be best; the others are not touched by it.",
    }[outcome]
    names = _name_cells(diverged, _say_epoch)
    sentence = f"{names[0].upper()}{names[1:]}. {consequence} A smaller learning rate or strength usually helps."
    return Finding("diverged", "warn" if outcome is Outcome.SOME else "bad", title, sentence, count, of)


def _say_epoch(runs: Sequence[JudgedRun]) -> str:
    return f" from epoch {min(run.diverged_epoch or 0 for run in runs)}"


def _describe_guessing(cells: Sequence[Cell], task: Task, guess: float) -> Finding | None:
    best = choose_best(cells)
    if best is None or best.score_mean is None or best.score_mean > guess:
        return None
    score = format_score(best.score_mean, task)
    what = (
        "guessing one of the classes is right as often"
        if task == "classification"
        else "the mean of the target is as good"
    )
    best_of = f"The best mean validation {'accuracy' if task == 'classification' else 'R²'} is {score}"
    title = "Nothing was learnt that is better than a guess"
    return Finding("not_better_than_guessing", "bad", title, f"{best_of}: {what}. So none is called best.")


def _describe_rest(runs: Sequence[JudgedRun], tolerance: float | None, epochs: int) -> Finding | None:
    """Runs that trained all epochs without reaching the tolerance."""
    if tolerance is None:
        return None
    whole = [run for run in runs if run.state == "completed" and run.diverged_epoch is None]
    unmet = [run for run in whole if run.stopped_epoch is None and (run.change is None or run.change > tolerance)]
    if not unmet:
        return None
    count, of = len(unmet), len(runs)
    title = f"{count} of {of} runs did not converge" if of > 1 else "It did not converge"
    wanted = format_strength(tolerance)
    sentence = (
        f"Their last epoch of {epochs} still moved a parameter by more than the tolerance {wanted} of the largest: "
        f"{_name_cells(unmet, _say_change)}. More epochs bring them closer."
    )
    return Finding("not_converged", "warn", title, sentence, count, of)


def _say_change(runs: Sequence[JudgedRun]) -> str:
    known = [run.change for run in runs if run.change is not None]
    return f" by {format_strength(max(known))}" if known else ""


def _name_cells(runs: Sequence[JudgedRun], say: Callable[[Sequence[JudgedRun]], str]) -> str:
    """``L1, λ = 10 from epoch 4; the baseline from epoch 2; and 3 strengths more``."""
    groups: dict[tuple[str, float], list[JudgedRun]] = {}
    for run in runs:
        groups.setdefault((run.regularizer, run.strength), []).append(run)
    named = [_name(*key) + say(own) for key, own in groups.items()][:_NAMED]
    more = len(groups) - len(named)
    return "; ".join([*named, *([f"and {more} strength{'s' if more > 1 else ''} more"] if more else [])])


def _name(regularizer: str, strength: float) -> str:
    if regularizer == BASELINE:
        return "the baseline"
    return f"{label_regularizer(regularizer)}, {name_strength(regularizer, strength)}"
