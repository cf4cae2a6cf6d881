"""Experiments: a row of the list, the whole view, a page of the list."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from backend.schemas.jobs import JobView, Progress
from backend.schemas.results import Best, Cell, Finding, Stops
from core.analysis.formatting import Task
from core.analysis.outcome import Outcome
from core.db.states import State
from core.spec import ExperimentSpec


class ExperimentSummary(BaseModel):
    """A row of the experiments table."""

    id: int
    version: int = Field(description="counts the edits of name, notes and tags; for `If-Match`", examples=[1])
    name: str
    tags: list[str]
    state: State
    created: datetime
    dataset: str
    network: str
    task: Task
    regularizers: list[str] = Field(description="the keys, the baseline first", examples=[["none", "l1"]])
    runs: int
    progress: Progress
    best: Best | None = Field(description="null as well where nothing can be judged: see `findings`")
    outcome: Outcome = Field(description="whether its runs, and the baseline's, diverged")
    findings: list[Finding] = Field(description="what must be known first, the gravest first")
    sparklines: dict[str, list[Cell]] = Field(description="by regularizer: its cells in order of strength")


class ExperimentView(ExperimentSummary):
    """Everything about an experiment but its curves. ``spec`` carries the present name, notes and tags."""

    notes: str
    spec: ExperimentSpec
    jobs: list[JobView]
    cancel_requested: bool
    errors: list[str] = Field(description="the causes of its failed jobs")
    stops: list[Stops] = Field(default=[], description="what ended before the last epoch, in sentences")


class Page(BaseModel):
    items: list[ExperimentSummary]
    total: int
    offset: int
    limit: int
