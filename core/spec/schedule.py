"""One class per learning-rate schedule: a factor on the optimizer's learning rate, step by step."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Factor = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class ScheduleBase(BaseModel):
    """In ``warmup_epochs``, rounded to whole steps, the rate rises linearly; the schedule proper begins after them."""

    model_config = ConfigDict(extra="forbid")

    warmup_epochs: Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)] = Field(
        default=0.0, description="Epochs in which the learning rate rises linearly from 0; parts of an epoch are legal."
    )


class ConstantSchedule(ScheduleBase):
    name: Literal["constant"]


class CosineSchedule(ScheduleBase):
    """Half a cosine from the whole rate down to ``final`` of it after the last step. Loshchilov & Hutter 2017."""

    name: Literal["cosine"]
    final: Factor = Field(default=0.0, description="The share of the learning rate that is left at the end.")


class StepSchedule(ScheduleBase):
    """The rate times ``factor`` after every ``every`` epochs, as torch's StepLR."""

    name: Literal["step"]
    every: Annotated[int, Field(ge=1, le=100_000)] = Field(default=30, description="Epochs between two drops.")
    factor: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = Field(
        default=0.1, description="What the rate is multiplied by at each drop."
    )


ScheduleSpec = Annotated[ConstantSchedule | CosineSchedule | StepSchedule, Field(discriminator="name")]
