"""Metrics of runs, and of their layers, by epoch."""

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


Column = list[float | None]


class LayerColumns(BaseModel):
    """One layer of one run: lists that are parallel to ``epoch``, which begins at 0, before the first step."""

    run: int
    layer: str = Field(description="the weight tensor's layer", examples=["hidden1"])
    epoch: list[int]
    norm: Column = Field(description="L2 norm of its weights")
    zero_share: Column = Field(description="share of its weights that are exactly 0")
    dead_share: Column = Field(
        description="share of its units that are dead: rectified, and 0 on every training example; null where none is "
        "rectified"
    )
