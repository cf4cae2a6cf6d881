"""The query of a figure set."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

FigureName = Literal["curves", "weights", "gap", "batches", "strength", "coefficients", "claims", "ridgelines"]


def _check_finite(value: float | None) -> float | None:
    if value is not None and abs(value) > 1e12:
        raise ValueError(f"expected a number of at most 10¹² in size; received {value:g}")
    return value


Edge = Annotated[float | None, Field(allow_inf_nan=False), AfterValidator(_check_finite)]


Strength = Annotated[float | None, Field(gt=0, le=1e12, allow_inf_nan=False)]


class FigureQuery(BaseModel):
    """The query of a figure's address."""

    model_config = ConfigDict(frozen=True)

    regularizer: list[Annotated[str, Field(max_length=100)]] = Field(
        default=[],
        max_length=32,
        description="Keys of regularizers, a column each; repeatable. Default: the experiment's first.",
    )
    x: Literal["epoch", "seconds"] = Field(default="epoch", description="The horizontal axis.")
    smoothing: float = Field(default=0, ge=0, le=0.999, description="Smoothing of the moving average; 0: none.")
    seeds: Literal["mean", "all"] = Field(
        default="all", description="Mean with its band, or mean with a faint line per seed."
    )
    points: int = Field(default=400, ge=4, le=10_000, description="Maximum of points per line.")
    output: int = Field(default=0, ge=0, lt=10_000, description="Coefficients only: index of the output (class).")
    weakest: Strength = Field(
        default=None, description="Colours span this strength too, as one of an experiment beside it."
    )
    strongest: Strength = Field(default=None, description="And this one; give both or neither.")
    epoch: int | None = Field(
        default=None, ge=0, lt=2**31, description="Ridgelines only: the epoch. Default: the newest with histograms."
    )
    layer: str = Field(default="", max_length=100, description="Ridgelines only: one layer. Default: all.")
    start: Edge = Field(default=None, description="Start of the visible range of the horizontal axis.")
    stop: Edge = Field(default=None, description="Its stop; give both or neither.")

    @property
    def window(self) -> tuple[float, float] | None:
        return None if self.start is None or self.stop is None else (self.start, self.stop)

    @property
    def span(self) -> tuple[float, ...]:
        """Strengths that the colours span besides the experiment's own."""
        return () if self.weakest is None or self.strongest is None else (self.weakest, self.strongest)

    def write(self) -> str:
        """The query string without defaults: equal queries are written alike."""
        return urlencode(self.model_dump(exclude_defaults=True), doseq=True)
