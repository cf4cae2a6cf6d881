"""Runs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from core.db.states import State
from core.spec.stopping import Reason


class RunView(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    job_id: int
    regularizer: str
    strength: float
    seed: int
    split: int = Field(default=0, description="the fold, from 0; 0 where a seed has one split")
    state: State
    diverged_epoch: int | None
    stopped_epoch: int | None = Field(default=None, description="last epoch of a run that ended early")
    stopped_by: Reason | None = Field(default=None, description="why it ended early")
    best: dict[str, float | int | None] | None
    last: dict[str, float | int | None] | None
    test: dict[str, float | int | None] | None = Field(
        description="of the weights that count: `test_loss`, `test_score`; of a linear network also "
        "`largest_strength`, from which on the optimum of its regularizer is at weights 0; of one that `fista` solved "
        "the `gap` to the optimum, or without a penalty the `residual`"
    )
