"""Jobs and their progress."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from core.db.states import State


class JobView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    state: State
    attempt: int
    epoch: int
    epochs: int
    worker_id: str | None
    cancel_requested: bool
    error: str | None
    notice: str | None = Field(description="what is wrong although it trains")
    resumable_epoch: int = Field(description="the epoch that a checkpoint is of; 0: it would begin anew")
    runs: int
    started: datetime | None
    finished: datetime | None


class Progress(BaseModel):
    """Of 60 epochs an experiment has 60, however many jobs it is dealt to.

    Where no run trains any more before the last one, it has those that its longest job had.
    """

    epochs_done: int = Field(description="the mean over its jobs, rounded down; all only once every job has them")
    epochs: int
    share: float = Field(description="of all that its jobs train, 0 to 1")
    jobs_done: int = Field(description="jobs that have trained all of their epochs")
    run_epochs_per_second: float | None = Field(description="epochs × runs per second, of late")
    seconds_left: float | None
    seconds: float | None = Field(description="seconds since the first job started, or that it took")
