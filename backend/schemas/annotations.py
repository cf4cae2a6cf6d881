"""Name, notes and tags of an experiment, and edits of them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from core.spec import Name, Notes, Tags


class Annotations(BaseModel):
    """What people write about an experiment, and the version that it is of."""

    version: int
    name: str
    notes: str
    tags: list[str]


class ExperimentChange(BaseModel):
    """Only the fields that are given change."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    notes: Notes | None = None
    tags: Tags | None = None
