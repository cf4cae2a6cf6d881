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
    notice: str | None = Field(description="a problem that does not stop the training")
    resumable_epoch: int = Field(description="epoch of its newest checkpoint; 0: none")
    runs: int
    started: datetime | None
    finished: datetime | None


class Progress(BaseModel):
    """Progress of an experiment, in epochs: 60 epochs count as 60, however many jobs share them.

    If all runs end early, `epochs` is that of the longest job.
    """

    epochs_done: int = Field(description="mean over the jobs, rounded down")
    epochs: int
    share: float = Field(description="of the total work, 0 to 1")
    jobs_done: int = Field(description="jobs that have finished training")
    run_epochs_per_second: float | None = Field(description="current speed: epochs × runs per second")
    seconds_left: float | None
    seconds: float | None = Field(description="seconds from the first start to now, or to the end")
