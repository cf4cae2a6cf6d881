"""Metrics of runs by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from core.catalogue.metrics import METRIC_NAMES

if TYPE_CHECKING:
    MetricName = str
else:
    MetricName = Literal[*METRIC_NAMES]


class RunColumns(BaseModel):
    """Metrics of one run: a list per metric, parallel to ``epoch``."""

    run: int
    epoch: list[int]
    metrics: dict[str, list[float | None]]
    shown: int
    total: int


class Metrics(BaseModel):
    cursor: str = Field(description="pass it as `after` to read only newer rows", examples=["7:40:1,8:38:1"])
    runs: list[RunColumns]
