"""Cells: the runs of one (regularizer, strength), summarized over their seeds, and the best cell.

The API returns Cell and Best as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from core.analysis.design import FIXED, Design
from core.analysis.digits import format_scores
from core.analysis.formatting import (
    Task,
    format_score,
    format_strength,
    is_cap,
    label_regularizer,
    name_strength,
    split_key,
)
from core.spec import BASELINE
from core.spec.regularizer import EarlyStopping

__all__ = ["Best", "Cell", "choose_best", "find_best", "format_strength", "is_equal", "is_sound", "summarize_cells"]

# States of runs that are counted, but not part of means.
_UNSOUND = ("diverged", "failed")
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Cell:
    """One (regularizer, strength): validation scores and losses, summarized over its replicates: seeds, or folds.

    They are those of each run's last epoch, or under early stopping of its best epoch.
    """

    regularizer: str
    strength: float
    seeds: Annotated[int, Field(description="number of runs in the means")]
    score_mean: float | None
    score_deviation: Annotated[float | None, Field(description="standard deviation over seeds; null below 2")]
    loss_mean: float | None
    loss_deviation: Annotated[float | None, Field(description="standard deviation over seeds; null below 2")] = None
    diverged: int = 0
    failed: int = 0
    stopped: Annotated[int, Field(description="number of runs that successive halving stopped")] = 0
    stopped_epoch: Annotated[int | None, Field(description="the epoch at which it stopped them")] = None


@dataclass(frozen=True)
class Best:
    """The cell with the best mean validation score so far. Cells with a diverged or failed run do not qualify."""

    cell: Cell
    baseline: Annotated[Cell | None, Field(description="null: it has no score, or one of its runs diverged or failed")]
    tied: Annotated[tuple[Cell, ...], Field(description="other cells with the same mean")]
    tie: Annotated[bool, Field(description="whether the baseline wins, tied with others: no regularizer is better")]
    strengths: Annotated[int, Field(description="number of strengths tried")]
    score: Annotated[
        str, Field(examples=["93.1 % ± 0.4"], description="formatted, with enough digits to differ from `against`")
    ]
    against: Annotated[str | None, Field(examples=["91.0 %"], description="the baseline's score")]
    sentence: Annotated[
        str,
        Field(
            examples=[
                "L1, λ = 3·10⁻⁴: 93.1 % ± 0.4 on validation, baseline 91.0 % "
                "(± is the standard deviation over 3 seeds; 9 strengths tried)"
            ]
        ),
    ]


def _get(run: Any, name: str) -> Any:
    return run[name] if isinstance(run, Mapping) else getattr(run, name)


def _find_reason(run: Any) -> str | None:
    reason = run.get("stopped_by") if isinstance(run, Mapping) else getattr(run, "stopped_by", None)
    return None if reason is None else str(reason)


def read_value(run: Any, metric: str, early: bool) -> float | None:
    """A metric of a run's newest row, or where early stopping acts on it (``early``: on all runs) of its best one.

    None where there is none, or it is not finite.
    """
    row = "best" if early or split_key(_get(run, "regularizer"))[0] == EarlyStopping.get_name() else "last"
    value = (_get(run, row) or {}).get(metric)
    return float(value) if value is not None and math.isfinite(value) else None


def _summarize(regularizer: str, strength: float, runs: Sequence[Any], early: bool) -> Cell:
    states = [str(_get(run, "state")) for run in runs]
    halved = [run for run in runs if _find_reason(run) == "halving"]
    sound = [run for run, state in zip(runs, states, strict=True) if state not in _UNSOUND]
    pairs = [(read_value(run, "validation_score", early), read_value(run, "validation_loss", early)) for run in sound]
    scores = np.array([score for score, _ in pairs if score is not None])
    losses = np.array([loss for score, loss in pairs if score is not None and loss is not None])
    return Cell(
        regularizer,
        strength,
        seeds=scores.size,
        score_mean=float(scores.mean()) if scores.size else None,
        score_deviation=float(scores.std(ddof=1)) if scores.size >= 2 else None,
        loss_mean=float(losses.mean()) if losses.size else None,
        loss_deviation=float(losses.std(ddof=1)) if losses.size >= 2 else None,
        diverged=states.count("diverged"),
        failed=states.count("failed"),
        stopped=len(halved),
        stopped_epoch=max((_get(run, "stopped_epoch") for run in halved), default=None),
    )


def summarize_cells(runs: Iterable[Any], early: bool = False) -> list[Cell]:
    """The cells of ``runs``: the baseline first, then each regularizer as it first appears, by rising strength.

    A run is any object or mapping with regularizer, strength, state and last (the newest row, or None); perhaps
    stopped_by and stopped_epoch; under early stopping also best. ``early``: early stopping acts on all of them.
    """
    groups: dict[str, dict[float, list[Any]]] = {BASELINE: {}}
    for run in runs:
        strengths = groups.setdefault(_get(run, "regularizer"), {})
        strengths.setdefault(float(_get(run, "strength")), []).append(run)
    cells = [(key, s, found) for key, strengths in groups.items() for s, found in sorted(strengths.items())]
    return [_summarize(key, s, found, early) for key, s, found in cells]


def choose_best(cells: Iterable[Cell]) -> Cell | None:
    """The cell with the highest mean validation score; None where no cell can be judged.

    A cell with a diverged or failed run cannot win: the mean of its other runs flatters it. Cells stopped by halving
    come last: their final score is unknown. An exact tie goes to the baseline, then to the stronger regularization,
    of several regularizers to the first.
    """
    winners = _list_winners(cells)
    return winners[0] if winners else None


def is_sound(cell: Cell) -> bool:
    """Whether its mean includes all of its runs."""
    return cell.score_mean is not None and not cell.diverged and not cell.failed


def _list_winners(cells: Iterable[Cell]) -> list[Cell]:
    """The cells with the highest mean, the winner of the tie first."""
    sound = [cell for cell in cells if is_sound(cell)]
    sound = [cell for cell in sound if not cell.stopped] or sound
    highest = max((_read_mean(cell) for cell in sound), default=0.0)
    tied = [cell for cell in sound if is_equal(_read_mean(cell), highest)]
    first = {key: place for place, key in reversed(list(enumerate(cell.regularizer for cell in tied)))}
    return sorted(tied, key=lambda cell: (cell.regularizer != BASELINE, first[cell.regularizer], _weaken(cell)))


def is_equal(one: float, other: float) -> bool:
    """Whether two mean scores differ at most by rounding, as from another order of summation."""
    return abs(one - other) <= _ROUNDING * max(1.0, abs(one), abs(other))


def _read_mean(cell: Cell) -> float:
    assert cell.score_mean is not None
    return cell.score_mean


def _weaken(cell: Cell) -> float:
    """A sort key from the strongest to the weakest."""
    return cell.strength if is_cap(cell.regularizer) else -cell.strength


def describe_best(
    winners: Sequence[Cell], baseline: Cell | None, tried: int, task: Task, design: Design = FIXED
) -> str:
    """``L1, λ = 10⁻³·⁵: 93.1 % ± 0.4 on validation, baseline 91.0 %``, and its basis.

    ``winners``: as ``_list_winners``; ``baseline``: None where nothing can be compared with it.
    """
    best, others = winners[0], winners[1:]
    score, against = _write(best, baseline, task)
    figure = f"{'' if task == 'classification' else 'R² '}{score} on validation"
    basis = _describe_basis(best, tried, design)
    if best.regularizer == BASELINE and others:
        return f"Tie: the baseline and {_name_all(others)} have the same {figure} ({basis})"
    if best.regularizer == BASELINE:
        return f"Baseline: {figure}, no regularizer above it ({basis})" if tried else f"Baseline: {figure} ({basis})"
    beside = "no baseline to compare with" if against is None else f"baseline {against}"
    same = f"; the same as {_name_all(others)}" if others else ""
    return f"{_name(best)}: {figure}, {beside}{same} ({basis})"


def _describe_basis(best: Cell, tried: int, design: Design) -> str:
    seeds = design.count(best.seeds)
    spread = seeds if best.score_deviation is None else f"± is the standard deviation over {seeds}"
    return f"{spread}; {tried} {'strengths' if tried != 1 else 'strength'} tried" if tried else spread


def _name(cell: Cell) -> str:
    return f"{label_regularizer(cell.regularizer)}, {name_strength(cell.regularizer, cell.strength)}"


def _name_all(cells: Sequence[Cell]) -> str:
    more = len(cells) - 1
    return _name(cells[0]) + (f" and {more} other{'s' if more > 1 else ''}" if more else "")


def _write(best: Cell, baseline: Cell | None, task: Task) -> tuple[str, str | None]:
    if baseline is None or baseline.score_mean is None:
        return format_score(_read_mean(best), task, best.score_deviation), None
    score, against = format_scores([_read_mean(best), baseline.score_mean], task, [best.score_deviation])
    return score, against


def find_best(
    cells: Sequence[Cell], task: Task = "classification", guess: float = -math.inf, design: Design = FIXED
) -> Best | None:
    """The best cell and the baseline; None where no cell can be judged, or none is better than ``guess``.

    ``guess``: the score of guessing.
    """
    winners = _list_winners(cells)
    if not winners or _read_mean(winners[0]) <= guess:
        return None
    baseline = next((c for c in cells if c.regularizer == BASELINE and is_sound(c)), None)
    # A cell of strength 0 is the baseline itself, not another one tied with it.
    winners = [cell for cell in winners if cell is winners[0] or cell.strength != 0]
    tried = sum(cell.regularizer != BASELINE for cell in cells)
    score, against = _write(winners[0], baseline, task)
    return Best(
        winners[0],
        baseline,
        tied=tuple(winners[1:]),
        tie=winners[0].regularizer == BASELINE and len(winners) > 1,
        strengths=tried,
        score=score,
        against=against,
        sentence=describe_best(winners, baseline, tried, task, design),
    )
