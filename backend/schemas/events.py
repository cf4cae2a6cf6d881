"""Events of an experiment's stream."""

from __future__ import annotations

from pydantic import BaseModel, Field

from backend.schemas.jobs import JobView, Progress
from backend.schemas.results import Best, Finding, Stops
from backend.schemas.runs import RunView
from core.analysis.outcome import Outcome
from core.db.states import State
from core.spec.stopping import Reason


class StoppedRun(BaseModel):
    run: int
    by: Reason


class EpochEvent(BaseModel):
    """Server-sent event ``epoch``: one epoch of one job, a list per metric in the order of ``runs``."""

    job: int
    epoch: int
    runs: list[int]
    metrics: dict[str, list[float | None]]
    batch_losses: list[list[float | None]] | None = Field(default=None, description="only with batch=true")
    stopped: list[StoppedRun] = Field(default=[], description="runs whose last epoch this is; they do not diverge")


class StateEvent(BaseModel):
    """Server-sent event ``state``: whatever changed but curves. Sent at once on connection, then on every change."""

    state: State
    progress: Progress
    best: Best | None
    outcome: Outcome
    findings: list[Finding]
    jobs: list[JobView]
    runs: list[RunView] = Field(description="the runs whose state changed or that stopped since; all at first")
    stops: list[Stops] = Field(default=[], description="what ended before the last epoch, in sentences")


class ResetEvent(BaseModel):
    """Server-sent event ``reset``: a job begins again after ``epoch``. Drop every later point of its runs."""

    job: int
    rewinds: int = Field(description="how often it has done so")
    epoch: int = Field(description="the last epoch that still stands; 0: none")
    runs: list[int]


class EndEvent(BaseModel):
    """Server-sent event ``end``, always the last: nothing will follow, so do not reconnect."""

    state: State | None = Field(description="the state it ended in; null when the experiment was deleted")
