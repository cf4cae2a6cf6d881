"""Server-sent events of an experiment."""

from __future__ import annotations

from pydantic import BaseModel, Field

from backend.schemas.jobs import JobView, Progress
from backend.schemas.runs import RunView
from core.analysis.cells import Best
from core.analysis.early_ends import Stops
from core.analysis.findings import Finding
from core.analysis.outcome import Outcome
from core.db.states import State
from core.spec.stopping import Reason


class StoppedRun(BaseModel):
    run: int
    by: Reason


class EpochEvent(BaseModel):
    """Server-sent event ``epoch``: one epoch of one job; each metric's list is in the order of ``runs``."""

    job: int
    epoch: int
    runs: list[int]
    metrics: dict[str, list[float | None]]
    batch_losses: list[list[float | None]] | None = Field(default=None, description="only with batch=true")
    start: dict[str, list[float | None]] | None = Field(
        default=None, description="with epoch 1: the metrics of these runs before their first step, epoch 0"
    )
    stopped: list[StoppedRun] = Field(default=[], description="runs that ended early, at this epoch")


class StateEvent(BaseModel):
    """Server-sent event ``state``: everything but curves. Sent first, then on every change."""

    state: State
    progress: Progress
    best: Best | None
    outcome: Outcome
    findings: list[Finding]
    jobs: list[JobView]
    runs: list[RunView] = Field(description="runs whose state changed, or that ended early; at first all")
    stops: list[Stops] = Field(default=[], description="runs and strengths that ended early")


class ResetEvent(BaseModel):
    """Server-sent event ``reset``: a job resumes after ``epoch``. Drop all later points of its runs."""

    job: int
    rewinds: int = Field(description="how many times it has done so")
    epoch: int = Field(description="the last valid epoch; 0: none")
    runs: list[int]


class EndEvent(BaseModel):
    """Server-sent event ``end``: the last one. Do not reconnect."""

    state: State | None = Field(description="final state; null: the experiment was deleted")
