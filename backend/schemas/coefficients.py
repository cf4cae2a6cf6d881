"""Coefficients of linear networks."""

from __future__ import annotations

from pydantic import BaseModel, Field


class CoefficientPath(BaseModel):
    """Ended runs of one regularizer, seed and split, by rising strength."""

    regularizer: str = Field(description="its key; `none` is the baseline, at strength 0", examples=["l1"])
    label: str = Field(examples=["L1"])
    seed: int
    split: int = Field(default=0, description="the fold, from 0; 0 where a seed has one split")
    strengths: list[float]
    runs: list[int] = Field(description="run ids, one per strength")
    weights: str = Field(
        description="strengths × outputs × features, row by row: little-endian float64, in base64. Of the features as "
        "trained on: standardized, unless `dataset.standardize` is false",
    )
    intercepts: str | None = Field(description="strengths × outputs, in the same form; null without an intercept")


class Coefficients(BaseModel):
    """Coefficients of linear networks, as paths over the strengths. Empty for other networks."""

    linear: bool
    outputs: list[str] = Field(description="classes; of two classes only the second; for regression the target")
    features: list[str] = Field(description="names of features; pixels of images row by row")
    paths: list[CoefficientPath]
