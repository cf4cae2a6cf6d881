"""The choice of a strength on validation: the best mean, and the strongest within one standard error of it.

λ_min and λ_1se as in Hastie, Tibshirani & Friedman 2009, section 7.10, and in glmnet's ``cv.glmnet``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from core.analysis.cells import Cell, is_equal, is_sound
from core.analysis.formatting import get_axis, is_cap

Metric = Literal["score", "loss"]
Edge = Literal["weakest", "strongest"]


@dataclass(frozen=True)
class Selection:
    """Of the strengths of one regularizer. The API returns it as it is."""

    minimum: Annotated[Cell, Field(description="λ_min: the best mean; of equal ones the strongest")]
    one_standard_error: Annotated[
        Cell | None,
        Field(description="λ_1se: the strongest within one standard error of λ_min's mean; null below 2 replicates"),
    ]
    standard_error: Annotated[float | None, Field(description="of λ_min's mean; null below 2 replicates")]
    edge: Annotated[Edge | None, Field(description="λ_min is the weakest or strongest of the strengths tried")]
    tried: Annotated[int, Field(description="number of strengths")]


def read_mean(cell: Cell, metric: Metric) -> float | None:
    """The mean on validation; larger is better, so a loss is negated."""
    mean = cell.score_mean if metric == "score" else cell.loss_mean
    return mean if mean is None or metric == "score" else -mean


def compute_standard_error(cell: Cell, metric: Metric) -> float | None:
    """The standard deviation over replicates / √n."""
    deviation = cell.score_deviation if metric == "score" else cell.loss_deviation
    return None if deviation is None else deviation / math.sqrt(cell.seeds)


def select_strength(cells: Sequence[Cell], metric: Metric) -> Selection | None:
    """``cells``: of one regularizer. None where none can be judged: each has a diverged or failed run, or no value."""
    sound = [cell for cell in cells if is_sound(cell) and read_mean(cell, metric) is not None]
    sound = [cell for cell in sound if not cell.stopped] or sound
    if not sound:
        return None
    ordered = sorted(sound, key=_weaken)
    best = max(_read(cell, metric) for cell in sound)
    minimum = next(cell for cell in ordered if is_equal(_read(cell, metric), best))
    error = compute_standard_error(minimum, metric)
    edge = _find_edge(minimum, cells)
    if error is None:
        return Selection(minimum, None, None, edge, len(cells))
    least = _read(minimum, metric) - error
    strongest = next(cell for cell in ordered if _read(cell, metric) >= least)
    return Selection(minimum, strongest, error, edge, len(cells))


def beats(cell: Cell, baseline: Cell, metric: Metric) -> bool:
    """Whether its mean is better than the baseline's by more than rounding."""
    one, other = _read(cell, metric), _read(baseline, metric)
    return one > other and not is_equal(one, other)


def suggest_beyond(strengths: Sequence[float], edge: Edge, regularizer: str) -> list[float]:
    """Three strengths past an edge of the grid, each as far from the last as its last two are from one another."""
    rising = sorted(strength for strength in strengths if strength > 0)
    if len(rising) < 2:
        return []
    upwards = (edge == "strongest") != is_cap(regularizer)
    last, before = (rising[-1], rising[-2]) if upwards else (rising[0], rising[1])
    if get_axis(regularizer) == "linear":
        return [round(last + step * (last - before), 12) for step in (1, 2, 3)]
    return [float(f"{last * (last / before) ** step:.6g}") for step in (1, 2, 3)]


def suggest_between(strengths: Sequence[float], minimum: float, regularizer: str) -> list[float]:
    """The middles between λ_min and its neighbours, by ratio on a logarithmic axis."""
    rising = sorted(strengths)
    place = rising.index(minimum)
    neighbours = [rising[near] for near in (place - 1, place + 1) if 0 <= near < len(rising)]
    if get_axis(regularizer) == "linear":
        return sorted(round((minimum + near) / 2, 12) for near in neighbours)
    return sorted(float(f"{math.sqrt(minimum * near):.6g}") for near in neighbours if near > 0 < minimum)


def _read(cell: Cell, metric: Metric) -> float:
    mean = read_mean(cell, metric)
    assert mean is not None
    return mean


def _weaken(cell: Cell) -> float:
    """A sort key from the strongest to the weakest."""
    return cell.strength if is_cap(cell.regularizer) else -cell.strength


def _find_edge(minimum: Cell, cells: Sequence[Cell]) -> Edge | None:
    if len(cells) < 2:
        return None
    ordered = sorted(cells, key=_weaken)
    if minimum.strength == ordered[0].strength:
        return "strongest"
    return "weakest" if minimum.strength == ordered[-1].strength else None
