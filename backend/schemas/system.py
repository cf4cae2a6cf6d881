"""Workers, versions and health of the installation."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class WorkerView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    host: str
    device: str
    memory_bytes: int | None
    trainers: int
    versions: dict[str, str]
    started: datetime
    heartbeat: datetime
    alive: bool
    jobs: list[int]


class System(BaseModel):
    version: str
    database: str = Field(examples=["sqlite", "postgresql"])
    broker: str = Field(examples=["filesystem", "redis"])
    broker_reachable: bool
    disk_full: bool = Field(description="whether the database's disk is full; then no worker can send heartbeats")
    queued_jobs: int
    running_jobs: int
    workers: list[WorkerView]
    versions: dict[str, str]


class Health(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """The database is available and its schema current. An unavailable broker delays jobs, but loses none."""

    status: Literal["ready"] = "ready"
    revision: str = Field(examples=["0001"])
    broker_reachable: bool
