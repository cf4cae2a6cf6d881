"""Histograms of weights."""

from __future__ import annotations

from pydantic import BaseModel


class HistogramView(BaseModel):
    run: int
    epoch: int
    layer: str
    low: float
    high: float
    counts: list[int]
