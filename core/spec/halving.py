"""HalvingSpec: successive halving, which ends the worst strengths early."""

from __future__ import annotations

from math import ceil
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.spec.spec_error import refuse

Epoch = Annotated[int, Field(ge=1, le=100_000)]


class HalvingSpec(BaseModel):
    """After each epoch of ``at``, of each regularizer the best ``keep`` of its strengths that still train go on.

    Ranked by the mean validation loss over seeds; rounded up, so that at least one strength of each regularizer is
    left. The baseline is never stopped. Source: Jamieson & Talwalkar 2016, AISTATS; Li et al. 2018, JMLR 18(185).
    """

    model_config = ConfigDict(extra="forbid")

    at: list[Epoch] = Field(min_length=1, max_length=20, description="The epochs after which strengths are stopped.")
    keep: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = Field(
        default=0.5, description="The share of the strengths that goes on each time."
    )

    def count_kept(self, strengths: int) -> int:
        """How many of so many strengths go on: ⌈keep · strengths⌉."""
        # Against rounding errors: 0.07 · 100 is 7.000…01, and must not become 8.
        return ceil(self.keep * strengths - 1e-9)

    @model_validator(mode="after")
    def _check(self) -> HalvingSpec:
        for index, (before, after) in enumerate(zip(self.at, self.at[1:], strict=False)):
            if after <= before:
                raise refuse(
                    f"the epochs of halving must rise; received {after} after {before}",
                    field=f"at.{index + 1}",
                    expected=f"above {before}",
                    received=after,
                )
        return self
