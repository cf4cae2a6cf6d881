"""The metrics of an epoch: one record each, from which columns, schema, catalogue and charts are derived.

A new metric is a record here, its measurement in worker.training, a migration for its column, and its name in
backend.figures.metrics.FIGURES where it is to be drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.analysis.formatting import Task
from core.catalogue.schemas import Metric

Kind = Literal["loss", "score", "share", "norm", "other"]


@dataclass(frozen=True)
class Wording:
    """Texts about a metric. ``title``: of its chart, where it differs from ``label``."""

    label: str
    help: str
    unit: str = ""
    title: str = ""


@dataclass(frozen=True)
class MetricRecord:
    """One metric: a column of EpochRow. ``part``: the examples that it is measured on, where that is one part."""

    name: str
    kind: Kind
    wording: Mapping[Task, Wording]
    better: Literal["higher", "lower"] | None = None
    part: Literal["train", "validation"] | None = None

    def get_title(self, task: Task) -> str:
        """The title of its chart."""
        return self.wording[task].title or self.wording[task].label

    def describe(self, task: Task) -> Metric:
        """Its entry in the catalogue."""
        words = self.wording[task]
        return Metric(name=self.name, label=words.label, unit=words.unit, better=self.better, help=words.help)


def _for_all(label: str, help: str, unit: str = "", title: str = "") -> dict[Task, Wording]:
    wording = Wording(label, help, unit, title)
    return {"classification": wording, "regression": wording}


def _word_loss(label: str, where: str) -> dict[Task, Wording]:
    return {
        "classification": Wording(f"{label} loss", f"Cross-entropy in nats, without the penalty, {where}."),
        "regression": Wording(
            f"{label} error",
            f"Half the squared error, without the penalty, {where}.",
            # Named, so that the axis can be read.
            title=f"{label} loss (½ MSE)",
        ),
    }


def _word_score(label: str, where: str) -> dict[Task, Wording]:
    return {
        "classification": Wording(f"{label} accuracy", f"The share of examples whose class is right, {where}.", "%"),
        "regression": Wording(
            f"{label} R²",
            f"The share of variance explained: 1 is perfect, 0 is the mean, below 0 is worse, {where}.",
        ),
    }


_TRAINING, _VALIDATION = ("Training", "on the training examples"), ("Validation", "on the validation examples")

# In the order of the table's columns.
METRIC_RECORDS: dict[str, MetricRecord] = {
    record.name: record
    for record in (
        MetricRecord("train_loss", "loss", _word_loss(*_TRAINING), "lower", "train"),
        MetricRecord("validation_loss", "loss", _word_loss(*_VALIDATION), "lower", "validation"),
        MetricRecord("train_score", "score", _word_score(*_TRAINING), "higher", "train"),
        MetricRecord("validation_score", "score", _word_score(*_VALIDATION), "higher", "validation"),
        MetricRecord("penalty", "other", _for_all("Penalty", "λ times Ω: what the regularizer adds to the loss.")),
        MetricRecord("weight_l1", "norm", _for_all("Weights, L1 norm", "The sum of the absolute weights.")),
        MetricRecord(
            "weight_l2",
            "norm",
            _for_all(
                "Weights, L2 norm", "The root of the sum of the squared weights.", title="Norm of the weights ‖w‖₂"
            ),
        ),
        MetricRecord(
            "zero_share",
            "share",
            _for_all(
                "Zero weights", "The share of weights that are exactly 0.", "%", title="Weights that are exactly zero"
            ),
        ),
        MetricRecord(
            "gradient_norm",
            "norm",
            _for_all("Gradient norm", "L2 norm of the data loss's gradient, mean over the epoch's steps."),
        ),
        MetricRecord("learning_rate", "other", _for_all("Learning rate", "η, the optimizer's step size.")),
        MetricRecord(
            "seconds",
            "other",
            _for_all("Seconds", "Seconds of training since the first step of the run's job.", "s"),
        ),
        MetricRecord(
            "objective",
            "loss",
            _for_all(
                "Objective J",
                "The training loss plus every penalty λ·Ω, proximal ones too, and the optimizer's own coupled "
                "weight_decay. What acts otherwise adds no term: decoupled decay, noise, targets, caps on norms.",
            ),
        ),
        MetricRecord(
            "gradient_ratio",
            "other",
            _for_all(
                "Gradient ratio",
                "‖λ∇Ω‖ / ‖∇L‖: the L2 norm of the penalties' gradient, or subgradient, after the epoch over the "
                "gradient norm. Only where there is a penalty.",
                title="Gradient ratio ‖λ∇Ω‖ / ‖∇L‖",
            ),
        ),
    )
}
METRIC_NAMES = tuple(METRIC_RECORDS)
_PARTS = ("train", "validation", None)


def _list_metrics(task: Task) -> list[Metric]:
    """By part: loss and score of training, then of validation, then the others."""
    ordered = sorted(METRIC_RECORDS.values(), key=lambda record: _PARTS.index(record.part))
    return [record.describe(task) for record in ordered]


METRICS: dict[Task, list[Metric]] = {
    "classification": _list_metrics("classification"),
    "regression": _list_metrics("regression"),
}
