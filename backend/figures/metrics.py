"""The metrics that charts are drawn of: title, unit, and how their axis is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.analysis.notation import Task, choose_digits, format_score

FIGURES: dict[str, tuple[str, ...]] = {
    "curves": ("train_loss", "validation_loss", "train_score", "validation_score"),
    "weights": ("zero_share", "weight_l2"),
    "batches": ("batch_loss",),
    "strength": ("validation_score", "validation_loss"),
    "coefficients": ("coefficients",),
}
Kind = Literal["loss", "score", "share", "norm"]


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
        return ",.0%" if self.percent else ""

    def format(self, value: float) -> str:
        if self.kind in ("score", "share"):
            return format_score(value, "classification" if self.percent else "regression")
        return f"{value:.3g}".replace("-", "−")

    def tell_apart(self, one: float, other: float) -> tuple[str, str]:
        """Both as ``format`` writes them, with as many more digits as it takes to see that they differ."""
        if self.kind in ("score", "share"):
            task: Task = "classification" if self.percent else "regression"
            digits = choose_digits(one, other, task)
            return format_score(one, task, digits=digits), format_score(other, task, digits=digits)
        texts = ((f"{one:.{digits}g}", f"{other:.{digits}g}") for digits in range(3, 18))
        first, second = next((pair for pair in texts if pair[0] != pair[1]), (f"{one:.3g}", f"{other:.3g}"))
        return first.replace("-", "−"), second.replace("-", "−")


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
