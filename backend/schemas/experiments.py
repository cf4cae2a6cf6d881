"""Experiments: summary, view, and page of the list."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from backend.schemas.jobs import JobView, Progress
from core.analysis.cells import Best, Cell
from core.analysis.comparison.compare import AcrossVerdict
from core.analysis.comparison.spec_differences import SpecField
from core.analysis.early_ends import Stops
from core.analysis.findings import Finding
from core.analysis.formatting import Task
from core.analysis.outcome import Outcome
from core.analysis.selection import Metric
from core.db.states import State
from core.spec import ExperimentSpec


class ExperimentSummary(BaseModel):
    """An experiment, as the list shows it."""

    id: int
    version: int = Field(description="number of changes of name, notes and tags; for `If-Match`", examples=[1])
    name: str
    tags: list[str]
    state: State
    created: datetime
    dataset: str
    network: str
    task: Task
    regularizers: list[str] = Field(description="keys, the baseline first", examples=[["none", "l1"]])
    runs: int
    progress: Progress
    best: Best | None = Field(description="null: no cell can be judged; see `findings`")
    outcome: Outcome = Field(description="how many runs diverged")
    findings: list[Finding] = Field(description="problems, the most serious first")
    sparklines: dict[str, list[Cell]] = Field(description="by regularizer: cells in order of strength")


class ExperimentView(ExperimentSummary):
    """An experiment without its curves. ``spec`` has the current name, notes and tags."""

    notes: str
    spec: ExperimentSpec
    jobs: list[JobView]
    cancel_requested: bool
    errors: list[str] = Field(description="causes of failed jobs")
    stops: list[Stops] = Field(default=[], description="runs and strengths that ended early")
    proof: str | None = Field(
        default=None,
        description="what is proved of runs that `fista` solved; see `findings` for those that it did not",
        examples=["Every penalized run is optimal to 3·10⁻⁹, by duality."],
    )


class Page(BaseModel):
    items: list[ExperimentSummary]
    total: int
    offset: int
    limit: int


class Comparison(BaseModel):
    """What differs between experiments: on test, and in their specs."""

    metric: Metric = Field(description="what chooses on validation and is compared on test")
    experiments: list[ExperimentSummary] = Field(description="in the order asked for; the first is the reference")
    complete: bool = Field(description="whether every run has ended; else it is the comparison so far")
    missing: list[str] = Field(description="what is still missing, in words")
    sentence: str
    incomparable: str | None = Field(description="why nothing is compared on test; null: it is")
    verdicts: list[AcrossVerdict] = Field(description="each experiment against the first")
    differing: list[SpecField] = Field(description="fields of the specs that differ")
    same: list[SpecField] = Field(description="fields that do not")
