"""RegularizerSpec: a regularizer of any class in core.spec.regularizers."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from core.spec.regularizers.base import Interval, RegularizerBase
from core.spec.regularizers.noise import Dropout, GaussianNoise, LabelSmoothing, Mixup, StochasticDepth
from core.spec.regularizers.penalties import (
    L1,
    L2,
    ElasticNet,
    GroupLasso,
    L1Subgradient,
    MaxNorm,
    TensorNorm,
    WeightDecay,
)
from core.spec.regularizers.procedures import SAM, EarlyStopping

RegularizerSpec = Annotated[
    L2
    | L1
    | L1Subgradient
    | ElasticNet
    | GroupLasso
    | WeightDecay
    | TensorNorm
    | MaxNorm
    | Dropout
    | StochasticDepth
    | LabelSmoothing
    | Mixup
    | GaussianNoise
    | SAM
    | EarlyStopping,
    Field(discriminator="name"),
]

BASELINE = "none"

# By name, in the order in which a form offers them.
REGULARIZER_CLASSES: dict[str, type[RegularizerBase]] = {
    member.get_name(): member for member in get_args(get_args(RegularizerSpec)[0])
}

__all__ = [
    "BASELINE",
    "L1",
    "L2",
    "REGULARIZER_CLASSES",
    "SAM",
    "Dropout",
    "EarlyStopping",
    "ElasticNet",
    "GaussianNoise",
    "GroupLasso",
    "Interval",
    "L1Subgradient",
    "LabelSmoothing",
    "MaxNorm",
    "Mixup",
    "RegularizerBase",
    "RegularizerSpec",
    "StochasticDepth",
    "TensorNorm",
    "WeightDecay",
]
