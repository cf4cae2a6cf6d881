"""What is measured after every epoch, in words."""

from __future__ import annotations

from typing import Literal

from core.analysis.formatting import Task
from core.catalogue.schemas import Metric

_LOSSES: dict[Task, tuple[str, str]] = {
    "classification": ("loss", "Cross-entropy in nats, without the penalty"),
    "regression": ("error", "Half the squared error, without the penalty"),
}
_SCORES: dict[Task, tuple[str, str, str]] = {
    "classification": ("accuracy", "%", "The share of examples whose class is right"),
    "regression": ("R²", "", "The share of variance explained: 1 is perfect, 0 is the mean, below 0 is worse"),
}
_PARTS = {"train": ("Training", "on the training examples"), "validation": ("Validation", "on the validation examples")}
_OTHERS: tuple[tuple[str, str, str, Literal["higher", "lower"] | None, str], ...] = (
    ("penalty", "Penalty", "", None, "λ times Ω: what the regularizer adds to the loss."),
    ("weight_l1", "Weights, L1 norm", "", None, "The sum of the absolute weights."),
    ("weight_l2", "Weights, L2 norm", "", None, "The root of the sum of the squared weights."),
    ("zero_share", "Zero weights", "%", None, "The share of weights that are exactly 0."),
    ("gradient_norm", "Gradient norm", "", None, "L2 norm of the data loss's gradient, mean over the epoch's steps."),
    ("learning_rate", "Learning rate", "", None, "η, the optimizer's step size."),
    ("seconds", "Seconds", "s", None, "Seconds of training since the first step of the run's job."),
)


def _describe(task: Task) -> list[Metric]:
    found = []
    for part, (label, where) in _PARTS.items():
        noun, meaning = _LOSSES[task]
        found.append(
            Metric(name=f"{part}_loss", label=f"{label} {noun}", unit="", better="lower", help=f"{meaning}, {where}.")
        )
        noun, unit, meaning = _SCORES[task]
        found.append(
            Metric(
                name=f"{part}_score", label=f"{label} {noun}", unit=unit, better="higher", help=f"{meaning}, {where}."
            )
        )
    others = [Metric(name=n, label=text, unit=u, better=b, help=h) for n, text, u, b, h in _OTHERS]
    return found + others


METRICS: dict[Task, list[Metric]] = {
    "classification": _describe("classification"),
    "regression": _describe("regression"),
}
