"""One class per regularizer: its parameters and its legal strengths. Prose and formulas are in core.catalogue."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.spec.spec_error import refuse
from core.spec.strength import Grid, Strengths, list_strengths


class Interval(BaseModel):
    """Legal strengths: low ≤ s (low < s where ``open_low``), s < high where there is one, whole where ``whole``."""

    low: float = 0.0
    high: float | None = None
    open_low: bool = False
    whole: bool = False

    def holds(self, value: float) -> bool:
        above = value > self.low if self.open_low else value >= self.low
        return above and (self.high is None or value < self.high) and (not self.whole or value == int(value))

    def __str__(self) -> str:
        sign = ">" if self.open_low else "≥"
        bounds = f"{sign} {self.low:g}" if self.high is None else f"in [{self.low:g}, {self.high:g})"
        return f"whole numbers {bounds}" if self.whole else bounds


class RegularizerBase(BaseModel):
    """What every regularizer has: a name and strengths."""

    model_config = ConfigDict(extra="forbid")
    legal: ClassVar[Interval] = Interval()
    # Whether a smaller strength regularizes more, as a cap on the weights' norm does.
    smaller_is_stronger: ClassVar[bool] = False

    strengths: Strengths

    @model_validator(mode="after")
    def _check_strengths(self) -> RegularizerBase:
        values = list_strengths(self.strengths)
        seen: set[float] = set()
        for index, value in enumerate(values):
            field = f"strengths.{index}" if isinstance(self.strengths, list) else "strengths"
            if not self.legal.holds(value):
                message = f"strengths must be {self.legal}; received {value:g}"
                raise refuse(message, field=field, expected=f"strengths {self.legal}", received=value)
            if value in seen:
                message = f"strengths must differ from one another; received {value:g} twice"
                raise refuse(message, field=field, expected="strengths that differ", received=value)
            seen.add(value)
        return self

    def values(self) -> list[float]:
        return list_strengths(self.strengths)

    def parameters(self) -> dict[str, float]:
        """Every parameter but the strength, by name."""
        return self.model_dump(exclude={"name", "strengths"})

    @property
    def key(self) -> str:
        """Tells this regularizer from the others of an experiment: ``l1``, ``elastic_net(mixing=0.5)``."""
        name: str = self.name  # type: ignore[attr-defined]  # every subclass declares its literal name
        inner = ",".join(f"{k}={v:g}" for k, v in self.parameters().items())
        return f"{name}({inner})" if inner else name


class L2(RegularizerBase):
    name: Literal["l2"]


class L1(RegularizerBase):
    name: Literal["l1"]


class L1Subgradient(RegularizerBase):
    name: Literal["l1_subgradient"]


class ElasticNet(RegularizerBase):
    name: Literal["elastic_net"]
    mixing: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = Field(
        default=0.5, description="a: the share of L1; 1 is the lasso, 0 is ridge."
    )


class WeightDecay(RegularizerBase):
    name: Literal["weight_decay"]


class TensorNorm(RegularizerBase):
    name: Literal["tensor_norm"]
    p: Literal[1, 2] = Field(default=2, description="The order of the norm that is taken of each weight tensor.")


class Dropout(RegularizerBase):
    name: Literal["dropout"]
    legal: ClassVar[Interval] = Interval(high=1.0)


class GroupLasso(RegularizerBase):
    name: Literal["group_lasso"]


class MaxNorm(RegularizerBase):
    name: Literal["max_norm"]
    legal: ClassVar[Interval] = Interval(open_low=True)
    smaller_is_stronger: ClassVar[bool] = True


class LabelSmoothing(RegularizerBase):
    name: Literal["label_smoothing"]
    legal: ClassVar[Interval] = Interval(high=1.0)


class Mixup(RegularizerBase):
    name: Literal["mixup"]


class GaussianNoise(RegularizerBase):
    name: Literal["gaussian_noise"]


class EarlyStopping(RegularizerBase):
    name: Literal["early_stopping"]
    legal: ClassVar[Interval] = Interval(low=1.0, whole=True)
    smaller_is_stronger: ClassVar[bool] = True


class SAM(RegularizerBase):
    name: Literal["sam"]


class StochasticDepth(RegularizerBase):
    name: Literal["stochastic_depth"]
    legal: ClassVar[Interval] = Interval(high=1.0)


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

__all__ = [
    "BASELINE",
    "L1",
    "L2",
    "SAM",
    "Dropout",
    "EarlyStopping",
    "ElasticNet",
    "GaussianNoise",
    "Grid",
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
