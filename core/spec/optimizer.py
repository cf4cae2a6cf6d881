"""One class per optimizer. Names, meanings and defaults are those of torch.optim."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.spec.spec_error import refuse

Rate = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Fraction = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
Epsilon = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


class OptimizerBase(BaseModel):
    """``weight_decay`` is the same for every run. It acts on weights only, unless the spec says ``penalize_biases``."""

    model_config = ConfigDict(extra="forbid")

    learning_rate: Rate = Field(default=0.01, description="η, the step size.")
    weight_decay: NonNegative = Field(
        default=0.0,
        description="torch's own weight_decay, of the weights (of all parameters where penalties act on biases too). "
        "Fixed for all runs, the baseline included.",
    )


class SGD(OptimizerBase):
    name: Literal["sgd"]
    momentum: Fraction = Field(default=0.0, description="Momentum factor.")
    dampening: NonNegative = Field(default=0.0, description="Dampening of the momentum.")
    nesterov: bool = Field(default=False, description="Nesterov's momentum; needs momentum > 0 and no dampening.")

    @model_validator(mode="after")
    def _check_nesterov(self) -> SGD:
        if self.nesterov and (self.momentum <= 0 or self.dampening != 0):
            raise refuse(
                "nesterov needs momentum > 0 and dampening = 0; "
                f"received momentum={self.momentum:g}, dampening={self.dampening:g}",
                field="nesterov",
                expected="false, or momentum > 0 and dampening = 0",
                received=True,
            )
        return self


class AdamBase(OptimizerBase):
    learning_rate: Rate = Field(default=0.001, description="η, the step size.")
    beta1: Fraction = Field(default=0.9, description="Decay of the first moment.")
    beta2: Fraction = Field(default=0.999, description="Decay of the second moment.")
    epsilon: Epsilon = Field(default=1e-8, description="Added to the denominator.")


class Adam(AdamBase):
    name: Literal["adam"]


class AdamW(AdamBase):
    name: Literal["adamw"]
    weight_decay: NonNegative = Field(
        default=0.0,
        description="torch's own, decoupled, of the weights (of all parameters where penalties act on biases too). "
        "Fixed for all runs. torch's default is 0.01; here 0, so that the baseline is bare.",
    )


class RMSprop(OptimizerBase):
    name: Literal["rmsprop"]
    alpha: Fraction = Field(default=0.99, description="Decay of the squared gradient.")
    epsilon: Epsilon = Field(default=1e-8, description="Added to the denominator.")
    momentum: Fraction = Field(default=0.0, description="Momentum factor.")


class Adagrad(OptimizerBase):
    name: Literal["adagrad"]
    learning_rate_decay: NonNegative = Field(default=0.0, description="torch's lr_decay.")
    epsilon: Epsilon = Field(default=1e-10, description="Added to the denominator.")


class Adadelta(OptimizerBase):
    name: Literal["adadelta"]
    learning_rate: Rate = Field(default=1.0, description="Scales the update.")
    rho: Fraction = Field(default=0.9, description="Decay of the squared gradient and of the squared update.")
    epsilon: Epsilon = Field(default=1e-6, description="Added under the roots.")


class FISTA(BaseModel):
    """Accelerated proximal gradient for linear networks on whole batches; its steps are found from the data."""

    model_config = ConfigDict(extra="forbid")

    name: Literal["fista"]


OptimizerSpec = Annotated[SGD | Adam | AdamW | RMSprop | Adagrad | Adadelta | FISTA, Field(discriminator="name")]
