"""Metrics of runs by epoch."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

MetricName = Literal[
    "train_loss",
    "validation_loss",
    "train_score",
    "validation_score",
    "penalty",
    "weight_l1",
    "weight_l2",
    "zero_share",
    "gradient_norm",
    "learning_rate",
    "seconds",
]


class RunColumns(BaseModel):
    """The epochs of one run, a list per metric, all of one length; ``epoch`` gives the x of each entry."""

    run: int
    epoch: list[int]
    metrics: dict[str, list[float | None]]
    shown: int
    total: int


class Metrics(BaseModel):
    cursor: str = Field(description="pass it as `after` to get only what is newer", examples=["7:40:1,8:38:1"])
    runs: list[RunColumns]
