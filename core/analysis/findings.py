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

Kind = Literal["diverged", "not_converged", "not_optimal", "not_better_than_guessing", "without_effect"]
Tone = Literal["bad", "warn", "info"]
# How many strengths are named; the others are counted.
_NAMED = 4
# A share of the objective, or of the slope, of a model without weights; what is above is no optimum.
MOST_GAP = 1e-5


class JudgedRun(Ended, Protocol):
    """The end of a run; ``change``: that of its last epoch, which the tolerance is compared with.

    ``gap`` and ``residual``: how far it is from its optimum, see OptimumValues.
    """

    @property
    def state(self) -> str: ...
    @property
    def change(self) -> float | None: ...
    @property
    def stopped_by(self) -> str | None: ...
    @property
    def gap(self) -> float | None: ...
    @property
    def residual(self) -> float | None: ...


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
        _describe_unproved(runs),
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


def describe_proof(runs: Sequence[JudgedRun]) -> str | None:
    """What is proved of the runs that were trained to their optimum; None where nothing is."""
    gaps = [run.gap for run in _list_certified(runs) if run.gap is not None and run.gap <= MOST_GAP]
    if not gaps:
        return None
    of = sum(run.gap is not None for run in _list_certified(runs))
    which = "Every penalized run is" if len(gaps) == of else f"{len(gaps)} of {of} penalized runs are"
    return f"{which} optimal to {format_strength(max(gaps), digits=1)}, by duality."


def _list_certified(runs: Sequence[JudgedRun]) -> list[JudgedRun]:
    """Those that were left to reach their optimum."""
    return [run for run in runs if run.state == "completed" and run.stopped_by != "halving"]


def _describe_unproved(runs: Sequence[JudgedRun]) -> Finding | None:
    """Runs of a convex problem that was to be solved, and is not."""
    certified = _list_certified(runs)
    far = [run for run in certified if run.gap is not None and run.gap > MOST_GAP]
    steep = [run for run in certified if run.residual is not None and run.residual > MOST_GAP]
    if not far and not steep:
        return None
    count, of = len(far) + len(steep), len(runs)
    sentences = []
    if far:
        names = _name_cells(far, lambda own: f" by {format_strength(max(run.gap or 0 for run in own), digits=1)}")
        sentences.append(
            "Their objective may lie above the optimum, as a share of the objective of the model without weights: "
            f"{names}."
        )
    if steep:
        largest = format_strength(max(run.residual or 0 for run in steep), digits=1)
        sentences.append(
            f"Without a penalty the loss's slope is still {largest} of that at the start; of classes that can be told "
            "apart there are no best weights, as they grow without end."
        )
    title = f"{count} of {of} runs have not reached their optimum"
    more = " More epochs bring them closer." if far else ""
    return Finding("not_optimal", "warn" if far else "info", title, " ".join(sentences) + more, count, of)


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
