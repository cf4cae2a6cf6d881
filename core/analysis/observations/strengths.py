"""What strengths do: how far they close the gap between validation and training loss, and where nothing is learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from core.analysis.crossed_interval import compare_replicates
from core.analysis.design import FIXED, Design
from core.analysis.digits import format_scores
from core.analysis.formatting import Task, is_cap, label_regularizer, name_strength
from core.analysis.observations.observation import Ends, Observation, RunEnd, write_numbers

# A score that exceeds a guess's by no more is no better; the baseline's must exceed it by so much.
_NO_BETTER, _LEARNT = 0.03, 0.1


def observe_gap(
    regularizer: str, strength: float, own: Ends, baseline: Ends, design: Design = FIXED
) -> Observation | None:
    """The gap at a strength beside the baseline's, where Student's t over replicates tells them apart."""
    shared = [name for name in own if name in baseline]
    pairs = np.array([(_subtract(own[name]), _subtract(baseline[name])) for name in shared]).reshape(-1, 2)
    difference = compare_replicates(pairs[:, 0] - pairs[:, 1], design.correction) if len(shared) > 1 else None
    if difference is None or not difference.excludes_zero:
        return None
    gap, other = pairs.mean(0).tolist()
    numbers = {"gap": gap, "baseline_gap": other, "low": difference.low, "high": difference.high}
    texts = write_numbers(list(numbers.values()))
    sentence = (
        f"{label_regularizer(regularizer)} at {name_strength(regularizer, strength)}: validation loss less "
        f"training loss is {texts[0]} at the end, in the baseline {texts[1]} "
        f"(difference {texts[2]} to {texts[3]}, 95 % interval; {design.count(len(shared))})."
    )
    return Observation(
        "gap", "validation_loss", regularizer, strength, numbers | {"seeds": float(len(shared))}, sentence
    )


def _subtract(end: RunEnd) -> float:
    return end.validation_loss - end.train_loss


def observe_nothing_learnt(
    regularizer: str, path: Mapping[float, Ends], baseline: Ends, guess: float, task: Task
) -> Observation | None:
    """From which strength on every run's training score is a guess's. ``path``: ends by strength.

    Not where the baseline has not learnt either, or where weaker strengths than others learn nothing.
    """
    if not baseline or min(end.train_score for end in baseline.values()) < guess + _LEARNT:
        return None
    idle: list[float] = []
    for strength in sorted((s for s in path if path[s]), reverse=not is_cap(regularizer)):
        if max(end.train_score for end in path[strength].values()) > guess + _NO_BETTER:
            break
        idle.append(strength)
    if not idle:
        return None
    return _describe_idle(regularizer, idle, path, guess, task)


def _describe_idle(
    regularizer: str, idle: Sequence[float], path: Mapping[float, Ends], guess: float, task: Task
) -> Observation:
    scores = [end.train_score for strength in idle for end in path[strength].values()]
    symbol, strength = name_strength(regularizer, idle[-1]).split(" = ")
    sign = "=" if len(idle) == 1 else ("≤" if is_cap(regularizer) else "≥")
    if task == "classification":
        highest, of_guess = format_scores([max(scores), guess], task)
        what = f"training accuracy at most {highest}, by guessing {of_guess}"
    else:
        # That of guessing is 0, from which rounding may differ either way.
        what = f"training R² at most {max(scores):.3f}".replace("-0.000", "0.000").replace("-", "−")
    sentence = (
        f"{label_regularizer(regularizer)}: at {symbol} {sign} {strength} the network learns nothing "
        f"({what}; {len(scores):,} run{'' if len(scores) == 1 else 's'})."
    )
    numbers = {"highest": max(scores), "guess": guess, "runs": float(len(scores)), "strengths": float(len(idle))}
    return Observation("learns_nothing", "train_score", regularizer, idle[-1], numbers, sentence)
