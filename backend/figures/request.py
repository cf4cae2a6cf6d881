"""Which set of charts is asked for, and how it is to be drawn."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

FigureName = Literal["curves", "weights", "batches", "strength", "coefficients"]


def _check_finite(value: float | None) -> float | None:
    if value is not None and abs(value) > 1e12:
        raise ValueError(f"expected a number of at most 10¹² in size; received {value:g}")
    return value


Edge = Annotated[float | None, Field(allow_inf_nan=False), AfterValidator(_check_finite)]


class FigureQuery(BaseModel):
    """The query of a figure's address."""

    model_config = ConfigDict(frozen=True)

    regularizer: list[Annotated[str, Field(max_length=100)]] = Field(
        default=[], max_length=32, description="Keys, a column each; repeat it. The experiment's first by default."
    )
    x: Literal["epoch", "seconds"] = Field(default="epoch", description="The horizontal axis.")
    smoothing: float = Field(default=0, ge=0, le=0.999, description="Of the moving average; 0 draws the raw line.")
    seeds: Literal["mean", "all"] = Field(
        default="all", description="Mean and band, or the mean over every seed's faint line."
    )
    points: int = Field(default=400, ge=4, le=10_000, description="At most so many points per line.")
    output: int = Field(default=0, ge=0, lt=10_000, description="Of coefficients: which output, a class each.")
    start: Edge = Field(default=None, description="Only what lies between start and stop on the horizontal axis.")
    stop: Edge = Field(default=None, description="See start; both or neither.")

    @property
    def window(self) -> tuple[float, float] | None:
        return None if self.start is None or self.stop is None else (self.start, self.stop)

    def write(self) -> str:
        """The query with nothing in it that is so by default: two that ask for the same are written alike."""
        return urlencode(self.model_dump(exclude_defaults=True), doseq=True)
