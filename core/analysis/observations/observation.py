"""A sentence about the curves, with every number in it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.analysis.digits import tell_apart

Kind = Literal["over_fitting", "still_falling", "by_heart", "gap", "learns_nothing"]
ChartName = Literal["train_loss", "validation_loss", "train_score", "validation_score"]
Matrix = NDArray[np.float64]
_MOST_DIGITS = 6


@dataclass(frozen=True)
class Observation:
    """The API returns it as it is."""

    kind: Kind
    chart: Annotated[ChartName, Field(description="the metric of the chart among the curves that shows it")]
    regularizer: Annotated[str | None, Field(description="whose strength it is about; null: the baseline's")]
    strength: float | None
    numbers: Annotated[dict[str, float], Field(description="every number in the sentence, by name")]
    sentence: Annotated[
        str,
        Field(
            examples=[
                "Baseline: the validation loss turns up at epoch 18, 0.18 → 0.29 at epoch 60 "
                "(mean of 5 seeds; a rise of 0.07 to 0.14, 95 % interval)."
            ]
        ),
    ]


@dataclass(frozen=True)
class RunEnd:
    """What a run that has completed came to, by the weights that count."""

    train_loss: float
    validation_loss: float
    train_score: float
    validation_score: float


# By replicate.
Ends = Mapping[Hashable, RunEnd]


def write_numbers(values: Sequence[float]) -> list[str]:
    """With as many digits as tell them apart."""
    return tell_apart(values, lambda value, digits: f"{value:.{digits}g}".replace("-", "−"), 3, _MOST_DIGITS)
