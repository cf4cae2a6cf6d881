"""Specs as text, and the plan of a spec."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from core.spec import ExperimentSpec


class Plan(BaseModel):
    """What a spec would make, without making it."""

    runs: int
    jobs: int
    weights: int | None = Field(description="trainable numbers of one network")
    seconds: float | None = Field(description="estimate on the live workers; null where nothing is known to go by")
    without_effect: list[str] = Field(description="options that change nothing in this spec, a sentence each")


class SpecText(BaseModel):
    """A spec as a person writes it."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        max_length=100_000,
        description="JSON or YAML (1.2, one document)",
        examples=["dataset: {name: digits}\nnetwork: {name: mlp}\noptimizer: {name: adam}\nepochs: 20\n"],
    )


class SpecReading(BaseModel):
    """A text that was read: the spec with all its defaults, and what it would make."""

    spec: ExperimentSpec
    plan: Plan
