"""Figures as Plotly JSON, with their colour scales."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class ScaleTick(BaseModel):
    """One strength of a sweep on its colour bar."""

    strength: float
    label: str = Field(examples=["10⁻³·⁵"])
    position: float = Field(description="along the colour bar, 0 to 1; strength 0 sits left of the smallest")
    colour: str = Field(examples=["#7a5bd0"])
    major: bool = Field(description="whether its label fits beside the others'")


class ColourScale(BaseModel):
    """The colour bar of one regularizer: colour means log strength (strength itself where that is a probability)."""

    regularizer: str
    symbol: str = Field(examples=["λ", "p"])
    smaller_is_stronger: bool = Field(default=False, description="as where the strength is a cap, or a patience")
    kind: Literal["log", "linear"]
    stops: list[str] = Field(description="colours at even steps from `start` to 1")
    start: float = Field(description="where the colours start; left of it is the slot of strength 0, if any")
    ticks: list[ScaleTick]


class PlotlyFigure(BaseModel):
    """A chart as plotly.js takes it; arrays are typed (dtype, bdata) or x0 and dx.

    Every trace has a stable ``uid`` and a ``meta``: kind, metric, regularizer, strength, seeds, runs (ids), baseline,
    smoothing, lengths. A trace holds a line or several, one NaN between two, meta.lengths points each. kind ``runs``:
    the lines of all runs of a cell in the order of meta.runs. kind ``mean``: over meta.runs. kind ``low`` and
    ``high``: the edges of mean ± deviation, filled between. kind ``raw``: the mean before smoothing. layout.meta:
    metric, shown, total, title, sentence, why there is no line (``empty``), ranges, and how many runs leave them.
    """

    data: list[dict[str, Any]]
    layout: dict[str, Any]


class FigureColumn(BaseModel):
    """One regularizer beside the baseline: its figures by metric, and its own colour scale."""

    regularizer: str
    label: str = Field(examples=["L1"])
    scale: ColourScale | None = Field(description="null where only the baseline is drawn")
    figures: dict[str, PlotlyFigure]


class FigureSet(BaseModel):
    """A column per regularizer; in a row (one metric), the columns have the same y-range to start with."""

    topic: str = Field(description="pass it to `/api/live`, with the version", examples=["12/curves?x=seconds"])
    version: str = Field(examples=["3f2a90c1.17"])
    figure: str
    cursor: str = Field(description="what the points stand for", examples=["7:40:1,8:38:1"])
    ended: bool
    columns: list[FigureColumn]
    shown: int = Field(description="points drawn, over all figures")
    total: int = Field(description="points there are, over all figures")
