"""Server-sent events of the live stream."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from backend.schemas.experiments import ExperimentView
from backend.schemas.figures import FigureColumn
from backend.schemas.runs import RunView


class LineChange(BaseModel):
    """New points of a line after its first ``keep``; null is a gap."""

    line: int = Field(description="index of the line in its trace")
    keep: int
    x: list[float | None]
    y: list[float | None]


class TraceChange(BaseModel):
    trace: int = Field(description="index of the trace in the figure's data")
    options: dict[str, Any] = Field(default={}, description="changed properties, other than points")
    lines: list[LineChange] = []


class FigureChange(BaseModel):
    column: int = Field(description="index of the column in the set")
    metric: str
    layout: dict[str, Any] = Field(default={}, description="changed properties of the layout")
    traces: list[TraceChange] = []


class LiveUpdate(BaseModel):
    """Server-sent event ``update``: a topic has a new version.

    With ``since`` it holds the change: of a figure set ``set`` and ``figures``, of runs ``rows``. Without, it holds the
    whole topic: of a figure set the fields of FigureSet, of runs ``runs``. A state is always sent whole.
    """

    topic: str
    version: str
    since: str | None = Field(default=None, description="the version that the change applies to")
    gone: bool = Field(default=False, description="the experiment was deleted; nothing follows")
    set: dict[str, Any] | None = Field(default=None, description="the figure set without its columns")
    figures: list[FigureChange] | None = None
    columns: list[FigureColumn] | None = None
    experiment: ExperimentView | None = None
    rows: list[RunView] | None = None
    runs: list[RunView] | None = None
