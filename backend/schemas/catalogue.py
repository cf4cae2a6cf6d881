"""The catalogue."""

from __future__ import annotations

from pydantic import BaseModel, Field

from core.analysis.formatting import Task
from core.catalogue.schemas import (
    Dataset,
    Limits,
    Metric,
    Network,
    Optimizer,
    Parameter,
    Regularizer,
    Schedule,
    SplitKind,
)


class Catalogue(BaseModel):
    """Everything that a spec can choose, with bounds, labels and help. Forms are built from it."""

    regularizers: list[Regularizer]
    networks: list[Network]
    optimizers: list[Optimizer]
    schedules: list[Schedule]
    options: list[Parameter] = Field(description="fields of the spec itself")
    augmentation: list[Parameter] = Field(description="fields of `dataset.augmentation`; for images only")
    halving: list[Parameter] = Field(description="fields of `halving`")
    splits: list[SplitKind] = Field(description="of `dataset.split`")
    datasets: list[Dataset]
    metrics: dict[Task, list[Metric]]
    limits: Limits
