"""The metrics of each figure set, and how charts write their values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.analysis.claims.records import CLAIMS
from core.analysis.digits import format_scores, tell_apart
from core.analysis.formatting import Task
from core.catalogue.metrics import METRIC_RECORDS, Kind, MetricRecord, Wording

# The charts of each figure set, in order.
FIGURES: dict[str, tuple[str, ...]] = {
    "curves": ("train_loss", "validation_loss", "train_score", "validation_score"),
    "weights": ("zero_share", "weight_l2"),
    "gap": ("loss_gap",),
    "batches": ("batch_loss",),
    "strength": ("validation_score", "validation_loss", "loss_gap"),
    "coefficients": ("coefficients",),
    "claims": tuple(claim.name for claim in CLAIMS),
    "ridgelines": ("ridgelines",),
}
# Drawn, but recorded as two columns: the first less the second.
DIFFERENCES: dict[str, tuple[str, str]] = {"loss_gap": ("validation_loss", "train_loss")}
# What no more significant digits tell apart differs by rounding.
_MOST_DIGITS = 12


@dataclass(frozen=True)
class Metric:
    """A metric as a chart shows it. ``better``: the good end of its axis."""

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


# Drawn, but no column of EpochRow: the losses of all steps are kept as one blob.
_BATCH_LOSS = MetricRecord(
    "batch_loss",
    "loss",
    {
        "classification": Wording("Minibatch loss", "Cross-entropy of each minibatch."),
        "regression": Wording("Minibatch loss (½ MSE)", "Half the squared error of each minibatch."),
    },
    "lower",
)
_GAP_WORDS = Wording("Generalization gap", "Validation loss − training loss.", title="Generalization gap in loss")
_LOSS_GAP = MetricRecord("loss_gap", "other", {"classification": _GAP_WORDS, "regression": _GAP_WORDS})
_DRAWN_ONLY = {record.name: record for record in (_BATCH_LOSS, _LOSS_GAP)}
_ENDS: dict[str | None, Literal["high", "low", "neither"]] = {"higher": "high", "lower": "low", None: "neither"}


def describe_metric(name: str, task: Task) -> Metric:
    """The metric ``name`` for a task. Raises KeyError for an unknown one."""
    record = _DRAWN_ONLY.get(name) or METRIC_RECORDS[name]
    percent = record.wording[task].unit == "%"
    return Metric(name, record.get_title(task), record.kind, _ENDS[record.better], percent)
