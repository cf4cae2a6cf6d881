"""The table per strength: means with intervals, difference from the baseline, gap, zeros, norm, epochs.

The intervals describe one strength each and are not adjusted for their number: the verdict is the answer's, on test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from core.analysis.cells import Cell, read_value, summarize_cells
from core.analysis.digits import format_strengths
from core.analysis.formatting import get_symbol, label_regularizer
from core.analysis.selection import Metric, select_strength
from core.analysis.strengths.estimate import Estimate, estimate
from core.spec import BASELINE

# Their runs are counted, but not part of means.
_UNSOUND = ("diverged", "failed")


@dataclass(frozen=True)
class StrengthRow:
    """The runs of one (regularizer, strength), after their last epochs, or under early stopping their best."""

    regularizer: str
    label: str
    strength: float
    name: Annotated[str, Field(examples=["λ = 10⁻³"], description="the strength, distinct among those of its sweep")]
    runs: Annotated[int, Field(description="number of runs, all of them")]
    diverged: int
    failed: int
    stopped: Annotated[int, Field(description="number of runs that successive halving stopped")]
    score: Annotated[Estimate | None, Field(description="on validation")]
    loss: Annotated[Estimate | None, Field(description="on validation")]
    difference: Annotated[
        Estimate | None,
        Field(
            description="of the metric on validation from the baseline's, paired by replicate; null for the baseline"
        ),
    ]
    gap: Annotated[Estimate | None, Field(description="training score − validation score")]
    loss_gap: Annotated[Estimate | None, Field(description="validation loss − training loss")]
    zeros: Annotated[Estimate | None, Field(description="share of weights that are exactly 0")]
    norm: Annotated[Estimate | None, Field(description="L2 norm of the weights")]
    epochs: Annotated[Estimate | None, Field(description="epochs until the row that counts")]
    is_minimum: Annotated[bool, Field(description="whether it is λ_min: the best mean on validation")]
    is_one_standard_error: Annotated[
        bool, Field(description="whether it is λ_1se: the strongest within one standard error of λ_min")
    ]


@dataclass(frozen=True)
class StrengthTable:
    """The API returns it as it is."""

    metric: Annotated[Metric, Field(description="of the differences, and what chooses λ_min and λ_1se")]
    rows: Annotated[
        list[StrengthRow], Field(description="the baseline first, then each regularizer by rising strength")
    ]


def tabulate_strengths(runs: Sequence[Any], metric: Metric, early: bool = False) -> StrengthTable:
    """``runs``: as ``summarize_cells``, with whole rows; ``early``: early stopping acts on all of them."""
    groups: dict[tuple[str, float], list[Any]] = {}
    for run in runs:
        groups.setdefault((run.regularizer, float(run.strength)), []).append(run)
    cells = summarize_cells(runs, early)
    names = _name_strengths(cells)
    marks = _mark_choices(cells, metric)
    baseline = _read_by_replicate(groups.get((BASELINE, 0.0), []), metric, early)
    rows = []
    for cell in cells:
        key = (cell.regularizer, cell.strength)
        own = _keep_sound(groups.get(key, []))
        paired = _subtract(_read_by_replicate(own, metric, early), {} if cell.regularizer == BASELINE else baseline)
        rows.append(
            StrengthRow(
                regularizer=cell.regularizer,
                label=label_regularizer(cell.regularizer),
                strength=cell.strength,
                name=names[key],
                runs=len(groups.get(key, [])),
                diverged=cell.diverged,
                failed=cell.failed,
                stopped=cell.stopped,
                score=_average(own, early, "validation_score"),
                loss=_average(own, early, "validation_loss"),
                difference=estimate(paired),
                gap=_average(own, early, "train_score", "validation_score"),
                loss_gap=_average(own, early, "validation_loss", "train_loss"),
                zeros=_average(own, early, "zero_share"),
                norm=_average(own, early, "weight_l2"),
                epochs=_average(own, early, "epoch"),
                is_minimum=(*key, "minimum") in marks,
                is_one_standard_error=(*key, "one_standard_error") in marks,
            )
        )
    return StrengthTable(metric, [row for row in rows if row.runs])


def _keep_sound(runs: Sequence[Any]) -> list[Any]:
    return [run for run in runs if str(run.state) not in _UNSOUND]


def _average(runs: Sequence[Any], early: bool, metric: str, less: str | None = None) -> Estimate | None:
    """Of a metric, or of what it is more than another one, over the runs that have it."""
    values = []
    for run in runs:
        value, other = read_value(run, metric, early), None if less is None else read_value(run, less, early)
        if value is not None and (less is None or other is not None):
            values.append(value - (other or 0.0))
    return estimate(values)


def _read_by_replicate(runs: Sequence[Any], metric: Metric, early: bool) -> dict[tuple[int, int], float]:
    read = {(run.seed, run.split): read_value(run, f"validation_{metric}", early) for run in _keep_sound(runs)}
    return {replicate: value for replicate, value in read.items() if value is not None}


def _subtract(own: dict[tuple[int, int], float], others: dict[tuple[int, int], float]) -> list[float]:
    return [value - others[replicate] for replicate, value in own.items() if replicate in others]


def _name_strengths(cells: Sequence[Cell]) -> dict[tuple[str, float], str]:
    names = {(BASELINE, 0.0): label_regularizer(BASELINE)}
    for key in {cell.regularizer for cell in cells} - {BASELINE}:
        strengths = [cell.strength for cell in cells if cell.regularizer == key]
        labels = format_strengths(strengths, key)
        names |= {(key, s): f"{get_symbol(key)} = {text}" for s, text in zip(strengths, labels, strict=True)}
    return names


def _mark_choices(cells: Sequence[Cell], metric: Metric) -> set[tuple[str, float, str]]:
    marks = set()
    for key in {cell.regularizer for cell in cells} - {BASELINE}:
        selection = select_strength([cell for cell in cells if cell.regularizer == key], metric)
        if selection is not None:
            marks.add((key, selection.minimum.strength, "minimum"))
        if selection is not None and selection.one_standard_error is not None:
            marks.add((key, selection.one_standard_error.strength, "one_standard_error"))
    return marks
