"""Coefficients of linear networks."""

from __future__ import annotations

from pydantic import BaseModel, Field


class CoefficientPath(BaseModel):
    """The runs of one regularizer and seed that have come to their end, by rising strength."""

    regularizer: str = Field(description="its key; `none` is the baseline, at strength 0", examples=["l1"])
    label: str = Field(examples=["L1"])
    seed: int
    strengths: list[float]
    runs: list[int] = Field(description="the ids of the runs, a run per strength")
    weights: str = Field(
        description="strengths × outputs × features, row by row: little-endian float64, in base64. Of the features as "
        "they were trained on: standardized unless the data set is told not to",
    )
    intercepts: str | None = Field(description="strengths × outputs, in the same form; null without an intercept")


class Coefficients(BaseModel):
    """What linear networks have learnt: paths over the strengths. Other networks have none, and all lists are empty."""

    linear: bool
    outputs: list[str] = Field(description="a class each; of two classes only the second; of a regression the target")
    features: list[str] = Field(description="names of the features; pixels of an image line by line")
    paths: list[CoefficientPath]
