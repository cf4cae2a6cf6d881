"""The metrics that charts are drawn of: title, unit, and how their axis is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.analysis.digits import format_scores, tell_apart
from core.analysis.formatting import Task

FIGURES: dict[str, tuple[str, ...]] = {
    "curves": ("train_loss", "validation_loss", "train_score", "validation_score"),
    "weights": ("zero_share", "weight_l2"),
    "batches": ("batch_loss",),
    "strength": ("validation_score", "validation_loss"),
    "coefficients": ("coefficients",),
}
Kind = Literal["loss", "score", "share", "norm"]
# What no more significant digits tell apart differs by rounding.
_MOST_DIGITS = 12


@dataclass(frozen=True)
class Metric:
    """``better``: which end of the axis is the good one, or neither."""

    name: str
    title: str
    kind: Kind
    better: Literal["high", "low", "neither"]
    percent: bool

    @property
    def tickformat(self) -> str:
        """d3's: as many decimals as tell an axis' ticks apart, no zero too many."""
        return ",.6~%" if self.percent else ""

    def format(self, value: float) -> str:
        return self.format_all([value])[0]

    def format_all(self, values: Sequence[float]) -> list[str]:
        """Each with as many digits as tell it from the others, rounding aside."""
        if self.kind in ("score", "share"):
            return format_scores(values, "classification" if self.percent else "regression")
        return tell_apart(values, lambda value, digits: f"{value:.{digits}g}".replace("-", "−"), 3, _MOST_DIGITS)


_TITLES: dict[str, tuple[str, str, Kind, Literal["high", "low", "neither"]]] = {
    "train_loss": ("Training loss", "Training loss", "loss", "low"),
    "batch_loss": ("Minibatch loss", "Minibatch loss", "loss", "low"),
    "validation_loss": ("Validation loss", "Validation loss", "loss", "low"),
    "train_score": ("Training accuracy", "Training R²", "score", "high"),
    "validation_score": ("Validation accuracy", "Validation R²", "score", "high"),
    "zero_share": ("Weights that are exactly zero", "Weights that are exactly zero", "share", "neither"),
    "weight_l2": ("Norm of the weights ‖w‖₂", "Norm of the weights ‖w‖₂", "norm", "neither"),
}


def describe_metric(name: str, task: Task) -> Metric:
    """The metric ``name`` for a task. Raises KeyError for a metric that has no chart."""
    of_classes, of_numbers, kind, better = _TITLES[name]
    classes = task == "classification"
    title = of_classes if classes else of_numbers
    # A regression's loss is ½ of the mean squared error: named, so that the axis can be read.
    if kind == "loss" and not classes:
        title += " (½ MSE)"
    return Metric(name, title, kind, better, kind == "share" or (kind == "score" and classes))
