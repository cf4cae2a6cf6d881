"""Name, notes and tags of an experiment, and changes of them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from core.spec import Name, Notes, Tags


class Annotations(BaseModel):
    """Name, notes and tags of an experiment, with their version."""

    version: int
    name: str
    notes: str
    tags: list[str]


class ExperimentChange(BaseModel):
    """Changes of name, notes and tags; omitted fields stay."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    notes: Notes | None = None
    tags: Tags | None = None
