"""One class per network."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Activation = Literal["relu", "tanh", "gelu", "silu"]
Width = Annotated[int, Field(ge=1, le=8192)]


class NetworkBase(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Linear(NetworkBase):
    """One affine map: logistic regression for classes, least squares for a number."""

    name: Literal["linear"]


class MLP(NetworkBase):
    """Fully connected layers."""

    name: Literal["mlp"]
    widths: list[Width] = Field(
        default=[256, 256], min_length=1, max_length=16, description="Units of each hidden layer, first to last."
    )
    activation: Activation = Field(default="relu", description="The non-linearity after each hidden layer.")
    normalization: Literal["none", "layer"] = Field(
        default="none", description="Layer normalization before each activation; it does not depend on the batch."
    )


class CNN(NetworkBase):
    """3×3 convolutions with 2×2 max-pooling after each, then one hidden layer. For images only."""

    name: Literal["cnn"]
    channels: list[Annotated[int, Field(ge=1, le=1024)]] = Field(
        default=[16, 32], min_length=1, max_length=4, description="Output channels of each convolution."
    )
    hidden: Width = Field(default=64, description="Units of the hidden layer after the convolutions.")
    activation: Activation = Field(default="relu", description="The non-linearity after each layer.")


NetworkSpec = Annotated[Linear | MLP | CNN, Field(discriminator="name")]
