"""Figures as Plotly JSON, with their colour scales."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from backend.figures.axes.colour_scale import ColourScale
from backend.figures.charts.comparison import LineStyle


class PlotlyFigure(BaseModel):
    """A Plotly figure; arrays are typed (dtype, bdata) or x0 and dx.

    Every trace has a stable ``uid`` and a ``meta``: kind, metric, regularizer, strength, seeds, splits (folds), runs
    (ids), baseline, smoothing, lengths. A trace holds one or more lines of meta.lengths points, separated by NaN.
    kind ``runs``: the lines of a cell's runs, in the order of meta.runs. kind ``mean``: their mean. kind ``low`` and
    ``high``: mean ± deviation, filled between. kind ``raw``: the mean before smoothing. layout.meta: metric, shown,
    total, title, sentence (alternative text), ``empty`` (why there is no line), ranges, and how many runs leave them.
    """

    data: list[dict[str, Any]]
    layout: dict[str, Any]


class FigureColumn(BaseModel):
    """One regularizer and the baseline: figures by metric, and a colour scale."""

    regularizer: str
    label: str = Field(examples=["L1"])
    scale: ColourScale | None = Field(description="null: baseline only")
    figures: dict[str, PlotlyFigure]


class FigureSet(BaseModel):
    """A column per regularizer; the figures of one metric share their initial y-range."""

    topic: str = Field(description="address for `/api/live`, with the version", examples=["12/curves?x=seconds"])
    version: str = Field(examples=["3f2a90c1.17"])
    figure: str
    cursor: str = Field(description="the epochs that the points stand for", examples=["7:40:1,8:38:1"])
    ended: bool
    columns: list[FigureColumn]
    shown: int = Field(description="points drawn, in all figures")
    total: int = Field(description="points before downsampling, in all figures")


class ComparisonFigures(BaseModel):
    """Charts over the strength with a line per experiment."""

    columns: list[FigureColumn] = Field(description="one per regularizer; none where the tasks differ")
    styles: list[LineStyle] = Field(description="how the line of each experiment is drawn, in the order asked for")
