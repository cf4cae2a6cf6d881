"""Specs as text, and the plan of a spec."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from core.spec import ExperimentSpec


class Plan(BaseModel):
    """Size and estimated time of a spec."""

    runs: int
    jobs: int
    weights: int | None = Field(description="trainable parameters of one network")
    seconds: float | None = Field(description="estimated seconds on the live workers; null: no basis for an estimate")
    without_effect: list[str] = Field(description="options without effect in this spec, a sentence each")


class SpecText(BaseModel):
    """A spec as text."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        max_length=100_000,
        description="JSON or YAML (1.2, one document)",
        examples=["dataset: {name: digits}\nnetwork: {name: mlp}\noptimizer: {name: adam}\nepochs: 20\n"],
    )


class SpecReading(BaseModel):
    """A parsed text: the spec with all its defaults, and its plan."""

    spec: ExperimentSpec
    plan: Plan
