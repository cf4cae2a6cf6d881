"""torchvision's classification networks, without pretrained weights, dropout and stochastic depth."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.overrides import TorchFunctionMode
from torchvision import models
from torchvision.ops import StochasticDepth

from core.errors import InvalidSpecError

# Auxiliary heads have losses of their own, which no other network has.
_OPTIONS: dict[str, dict[str, Any]] = {
    name: {"aux_logits": False, "init_weights": True} for name in ("googlenet", "inception_v3")
}


def list_models() -> list[str]:
    """The names of the installed torchvision's classification networks."""
    return sorted(models.list_models(module=models))


def build_model(name: str, outputs: int) -> nn.Module:
    """The network at torchvision's own random start, without pretrained weights, its dropout and stochastic depth off.

    Draws from torch's global generator. Raises InvalidSpecError for a name that the installed torchvision lacks.
    """
    if name not in models.list_models(module=models):
        raise InvalidSpecError(
            f"The installed torchvision has no classification network {name}.",
            field="network.name",
            expected="a network of the installed torchvision",
            received=f"torchvision:{name}",
        )
    module: nn.Module = models.get_model(name, weights=None, num_classes=outputs, **_OPTIONS.get(name, {}))
    for layer in module.modules():
        if isinstance(layer, _DropoutNd | StochasticDepth):
            layer.p = 0.0
    return module


class _MetaParameters(TorchFunctionMode):
    """Parameters get no memory; small tensors that some networks compute their shapes from do."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        place = {"device": "meta"} if func is torch.empty else {}
        return func(*args, **(kwargs or {}) | place)


def build_on_meta(name: str, outputs: int) -> nn.Module:
    """The same network without memory: shapes only, and nothing is drawn."""
    with torch.random.fork_rng(devices=[]), _MetaParameters():
        return build_model(name, outputs).to("meta")


def find_head(module: nn.Module) -> nn.Linear | nn.Conv2d:
    """The layer that makes the outputs: the last affine map, or in squeezenet the last convolution."""
    return [layer for layer in module.modules() if isinstance(layer, nn.Linear | nn.Conv2d)][-1]


def list_batch_norms(module: nn.Module) -> dict[str, _BatchNorm]:
    """Every batch normalization by its name."""
    return {name: layer for name, layer in module.named_modules() if isinstance(layer, _BatchNorm)}
