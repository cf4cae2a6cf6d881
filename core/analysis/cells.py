"""Cells: the runs of one (regularizer, strength), summarized over their seeds, and the best of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.analysis.notation import Task, format_score, format_strength, label_regularizer, name_strength, split_key
from core.spec import BASELINE

__all__ = ["Best", "Cell", "choose_best", "describe_best", "find_best", "format_strength", "summarize_cells"]

# The last row of such a run is not the end of a training, so no mean stands on it; it is counted instead.
_UNSOUND = ("diverged", "failed")
_EARLY = "early_stopping"


@dataclass(frozen=True)
class Cell:
    """One (regularizer, strength), summarized over its seeds. Scores and losses are of validation.

    They are of a run's last epoch; under early stopping of its best one. ``stopped`` counts the runs that halving
    stopped, ``stopped_epoch`` is when: their last epoch came earlier than the others'.
    """

    regularizer: str
    strength: float
    seeds: int
    score_mean: float | None
    score_deviation: float | None
    loss_mean: float | None
    diverged: int = 0
    failed: int = 0
    stopped: int = 0
    stopped_epoch: int | None = None


@dataclass(frozen=True)
class Best:
    """The best mean validation score so far, beside the baseline's."""

    cell: Cell
    baseline: Cell | None
    sentence: str


def _get(run: Any, name: str) -> Any:
    return run[name] if isinstance(run, Mapping) else getattr(run, name)


def _find_reason(run: Any) -> str | None:
    reason = run.get("stopped_by") if isinstance(run, Mapping) else getattr(run, "stopped_by", None)
    return None if reason is None else str(reason)


def _read(run: Any, metric: str, early: bool) -> float | None:
    row = "best" if early or split_key(_get(run, "regularizer"))[0] == _EARLY else "last"
    value = (_get(run, row) or {}).get(metric)
    return float(value) if value is not None and math.isfinite(value) else None


def _summarize(regularizer: str, strength: float, runs: Sequence[Any], early: bool) -> Cell:
    states = [str(_get(run, "state")) for run in runs]
    halved = [run for run in runs if _find_reason(run) == "halving"]
    sound = [run for run, state in zip(runs, states, strict=True) if state not in _UNSOUND]
    pairs = [(_read(run, "validation_score", early), _read(run, "validation_loss", early)) for run in sound]
    scores = np.array([score for score, _ in pairs if score is not None])
    losses = np.array([loss for score, loss in pairs if score is not None and loss is not None])
    return Cell(
        regularizer,
        strength,
        seeds=scores.size,
        score_mean=float(scores.mean()) if scores.size else None,
        score_deviation=float(scores.std(ddof=1)) if scores.size >= 2 else None,
        loss_mean=float(losses.mean()) if losses.size else None,
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


def _rank(cell: Cell) -> tuple[float, float, bool]:
    """Higher is better: by score, then by lower loss; on a tie the baseline, being the simplest."""
    assert cell.score_mean is not None
    loss = math.inf if cell.loss_mean is None else cell.loss_mean
    return (cell.score_mean, -loss, cell.regularizer == BASELINE)


def choose_best(cells: Iterable[Cell]) -> Cell | None:
    """The cell of the highest mean validation score, or None before the first epoch.

    Cells in which a run diverged or failed are chosen only when there are no others: the mean of the survivors
    flatters them. Cells that halving stopped come last of all: what they would have come to is not known.
    """
    scored = [cell for cell in cells if cell.score_mean is not None]
    ended = [cell for cell in scored if not cell.stopped]
    whole = [cell for cell in ended if not cell.diverged and not cell.failed]
    return max(whole or ended or scored, key=_rank, default=None)


def describe_best(best: Cell, baseline: Cell | None, task: Task = "classification") -> str:
    """``L1, λ = 10⁻³·⁵: 93.1 % ± 0.4 on validation, baseline 91.0 %``."""
    assert best.score_mean is not None
    figure = format_score(best.score_mean, task, best.score_deviation)
    figure = f"{figure if task == 'classification' else 'R² ' + figure} on validation"
    if best.regularizer == BASELINE:
        return f"Baseline: {figure}, no regularizer above it"
    where = f"{label_regularizer(best.regularizer)}, {name_strength(best.regularizer, best.strength)}"
    beside = "" if baseline is None or baseline.score_mean is None else format_score(baseline.score_mean, task)
    return f"{where}: {figure}" + (f", baseline {beside}" if beside else "")


def find_best(cells: Sequence[Cell], task: Task = "classification") -> Best | None:
    """The best cell beside the baseline, in words; None before the first epoch."""
    cell = choose_best(cells)
    if cell is None:
        return None
    baseline = next((c for c in cells if c.regularizer == BASELINE), None)
    return Best(cell, baseline, describe_best(cell, baseline, task))
