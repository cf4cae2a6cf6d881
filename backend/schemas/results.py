"""Results of an experiment: cells, the best one, findings, early ends."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from core.analysis.findings import Kind, Tone
from core.spec.stopping import Reason


class Cell(BaseModel):
    """One (regularizer, strength), summarized over its seeds. Scores are of a run's last epoch.

    Under early stopping they are of its best epoch, that of the lowest validation loss.
    """

    regularizer: str
    strength: float
    seeds: int = Field(description="how many runs the figures stand on")
    score_mean: float | None
    score_deviation: float | None = Field(description="standard deviation over seeds; null below 2")
    loss_mean: float | None
    diverged: int = 0
    failed: int = 0
    stopped: int = Field(default=0, description="how many of its runs successive halving stopped")
    stopped_epoch: int | None = Field(default=None, description="when it did")


class Best(BaseModel):
    """The best mean validation score so far, beside the baseline's; where a run diverged or failed none is."""

    cell: Cell
    baseline: Cell | None = Field(description="null where there is nothing to compare with, as where it diverged")
    tied: list[Cell] = Field(description="the other cells of the same mean")
    tie: bool = Field(description="whether it is the baseline, with others tied: no regularizer is better")
    strengths: int = Field(description="how many strengths were tried")
    score: str = Field(
        examples=["93.1 % ± 0.4"], description="as it is written: enough digits to tell it from `against`"
    )
    against: str | None = Field(examples=["91.0 %"], description="the baseline's score")
    sentence: str = Field(
        examples=[
            "L1, λ = 3·10⁻⁴: 93.1 % ± 0.4 on validation, baseline 91.0 % "
            "(± is the standard deviation over 3 seeds; 9 strengths tried)"
        ]
    )


class Finding(BaseModel):
    """What must be known before the curves are looked at: what went wrong, or was asked for and did not come about.

    ``without_effect``: an option that changes nothing, since the rest of the spec leaves it nothing to do.
    """

    kind: Kind
    tone: Tone
    title: str = Field(examples=["5 of 57 runs diverged"])
    sentence: str
    count: int = Field(default=0, description="how many runs it concerns; 0 where it is none's in particular")
    of: int = 0


class Stops(BaseModel):
    """What ended before the last epoch: of one regularizer, for one reason."""

    by: Reason
    regularizer: str
    unit: Literal["strengths", "runs"] = Field(description="what `count` and `of` count: under halving, strengths")
    first: int = Field(description="the first epoch at which one ended")
    last: int = Field(description="the last one; halving's are told one by one")
    count: int
    of: int
    sentence: str = Field(examples=["Successive halving stopped 4 of 6 strengths of L1 at epoch 10."])
