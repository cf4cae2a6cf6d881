"""Events of the live stream."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from backend.schemas.experiments import ExperimentView
from backend.schemas.figures import FigureColumn
from backend.schemas.runs import RunView


class LineChange(BaseModel):
    """A line keeps its first ``keep`` points, and goes on with these; null is a gap."""

    line: int = Field(description="which of the trace's lines")
    keep: int
    x: list[float | None]
    y: list[float | None]


class TraceChange(BaseModel):
    trace: int = Field(description="its place in the figure's data")
    options: dict[str, Any] = Field(default={}, description="what of it is other than its points, and has changed")
    lines: list[LineChange] = []


class FigureChange(BaseModel):
    column: int = Field(description="its place in the set")
    metric: str
    layout: dict[str, Any] = Field(default={}, description="what of the layout has changed")
    traces: list[TraceChange] = []


class LiveUpdate(BaseModel):
    """Server-sent event ``update``: one topic has come to another version.

    With ``since`` it holds what has changed: of a figure set ``set`` and ``figures``, of runs ``rows``. Without, it
    holds everything: of a figure set the fields of FigureSet, of runs ``runs``. A state is always told whole.
    """

    topic: str
    version: str
    since: str | None = Field(default=None, description="the version that the change begins at")
    gone: bool = Field(default=False, description="the experiment was deleted; nothing will follow")
    set: dict[str, Any] | None = Field(default=None, description="all of the figure set but its columns")
    figures: list[FigureChange] | None = None
    columns: list[FigureColumn] | None = None
    experiment: ExperimentView | None = None
    rows: list[RunView] | None = None
    runs: list[RunView] | None = None
