"""Strengths of a regularizer, as a list or a grid."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from core.spec.spec_error import refuse

MAX_STRENGTHS = 200

FiniteFloat = Annotated[float, Field(allow_inf_nan=False)]


class Grid(BaseModel):
    """Evenly spaced strengths, both ends included.

    On the ``log`` scale the ratio of neighbours is constant, so both ends must be positive. Values are rounded to
    12 significant digits, so that 1e-4 comes out as 1e-4.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True, serialize_by_alias=True)

    start: FiniteFloat = Field(alias="from", ge=0, description="The first strength.")
    stop: FiniteFloat = Field(alias="to", ge=0, description="The last strength.")
    count: int = Field(ge=1, le=MAX_STRENGTHS, description="How many strengths, both ends included.")
    scale: Literal["log", "linear"] = "log"

    @model_validator(mode="after")
    def _check_scale(self) -> Grid:
        if self.scale == "log" and (self.start <= 0 or self.stop <= 0):
            raise refuse(
                f"a log grid needs from > 0 and to > 0; received from={self.start:g}, to={self.stop:g}. "
                "To include 0, give the strengths as a list.",
                field="from" if self.start <= 0 else "to",
                expected="> 0",
                received=min(self.start, self.stop),
            )
        if self.count > 1 and self.start == self.stop:
            raise refuse(
                f"a grid of {self.count} strengths needs from ≠ to; received {self.start:g} for both",
                field="to",
                expected="another number than from",
                received=self.stop,
            )
        return self

    def values(self) -> list[float]:
        if self.count == 1:
            return [self.start]
        log = self.scale == "log"
        low, high = (math.log(self.start), math.log(self.stop)) if log else (self.start, self.stop)
        inner = (low + (high - low) * i / (self.count - 1) for i in range(1, self.count - 1))
        middle = [float(f"{math.exp(x) if log else x:.12g}") for x in inner]
        return [self.start, *middle, self.stop]


def _choose_form(value: Any) -> str | None:
    if isinstance(value, dict | Grid):
        return "grid"
    return "list" if isinstance(value, list | tuple) else None


# Chosen by the input's form, so that errors concern that form only.
Strengths = Annotated[
    Annotated[list[FiniteFloat], Field(min_length=1, max_length=MAX_STRENGTHS), Tag("list")]
    | Annotated[Grid, Tag("grid")],
    Discriminator(
        _choose_form,
        custom_error_type="strengths_form",
        custom_error_message="Input should be a list of strengths, or a grid with from, to, count and scale",
    ),
]


def list_strengths(strengths: list[float] | Grid) -> list[float]:
    """The strengths as numbers, in the given order."""
    return strengths.values() if isinstance(strengths, Grid) else [float(s) for s in strengths]
