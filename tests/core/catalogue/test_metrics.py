"""A metric is one record: whatever else knows the metrics knows all of them, and no other."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from backend.figures.metrics import FIGURES, describe_metric
from backend.schemas.metrics import MetricName
from core.catalogue.metrics import METRIC_NAMES, METRIC_RECORDS
from core.db.models import EpochRow
from tests.worker.training.sweeps import collect, make_spec, regularize
from worker.training import EpochValues

KEYS = ("run_id", "epoch", "batch_losses", "layers")


def test_every_metric_is_measured_recorded_and_readable() -> None:
    spec = make_spec(epochs=1, regularizers=regularize("l2"))
    epochs = [event for event in collect(spec) if isinstance(event, EpochValues)]
    # Of the penalized run: the last.
    measured = tuple(name for name, values in epochs[0].metrics.items() if np.isfinite(values[-1]))
    columns = tuple(column.key for column in EpochRow.__table__.columns if column.key not in KEYS)
    for place, names in (
        ("worker.training measures", measured),
        ("EpochRow has columns for", columns),
        ("the API returns", get_args(MetricName)),
    ):
        assert tuple(names) == METRIC_NAMES, f"{place} {names}, not all of core.catalogue.metrics"


@pytest.mark.parametrize("figure", [name for name in FIGURES if name != "coefficients"])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_every_chart_of_a_metric_has_its_title_from_the_record(figure: str, task: str) -> None:
    for name in FIGURES[figure]:
        metric = describe_metric(name, task)  # type: ignore[arg-type]  # a literal, not any str
        assert metric.title
        if name in METRIC_RECORDS:
            assert metric.title == METRIC_RECORDS[name].get_title(task)  # type: ignore[arg-type]  # as above
