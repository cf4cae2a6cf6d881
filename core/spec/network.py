"""One class per network."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

Activation = Literal["relu", "tanh", "gelu", "silu"]
Width = Annotated[int, Field(ge=1, le=8192)]


class NetworkBase(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Linear(NetworkBase):
    """One affine map: logistic regression for classes, least squares for a number."""

    name: Literal["linear"]
    intercept: bool = Field(default=True, description="Add a constant to the map; it is never penalized unless asked.")


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


class ResNet(NetworkBase):
    """A small residual network with batch normalization. For images only."""

    name: Literal["resnet"]
    channels: list[Annotated[int, Field(ge=1, le=1024)]] = Field(
        default=[16, 32],
        min_length=1,
        max_length=4,
        description="Channels of each stage; each stage after the first halves the image.",
    )
    blocks: Annotated[int, Field(ge=1, le=16)] = Field(default=1, description="Residual blocks of each stage.")


class Torchvision(NetworkBase):
    """A classification network of torchvision by its name there, such as ``torchvision:resnet18``. For images only."""

    name: Annotated[str, Field(pattern=r"^torchvision:[a-z0-9_]+$", max_length=60)]

    @property
    def model(self) -> str:
        return self.name.removeprefix("torchvision:")


def _choose_network(value: Any) -> str | None:
    name = value.get("name") if isinstance(value, dict) else getattr(value, "name", None)
    if not isinstance(name, str):
        return None
    return "torchvision" if name.startswith("torchvision:") else name


NetworkSpec = Annotated[
    Annotated[Linear, Tag("linear")]
    | Annotated[MLP, Tag("mlp")]
    | Annotated[CNN, Tag("cnn")]
    | Annotated[ResNet, Tag("resnet")]
    | Annotated[Torchvision, Tag("torchvision")],
    Discriminator(
        _choose_network,
        custom_error_type="network_name",
        custom_error_message="Input should be linear, mlp, cnn, resnet, or torchvision: and the name of a model",
    ),
]
