"""What core knows of torchvision's networks: `python -m setup.torchvision_models` writes it.

core/catalogue/torchvision_models.json holds, by name, the number of weights without the output layer, how many the
output layer has for each class, and the image sizes that the network takes.
"""

from __future__ import annotations

import json
from typing import Any

import torch
from torch import nn

from core.catalogue.torchvision_models import TABLE
from worker.training.networks.torchvision_model import build_on_meta, find_head, list_models

# All but transformers of a fixed size take smaller images than ImageNet's.
_LARGEST = 224


def describe_model(name: str) -> dict[str, Any]:
    """One entry of the table."""
    outputs = 10
    module = build_on_meta(name, outputs)
    head = sum(parameter.numel() for parameter in find_head(module).parameters())
    total = sum(parameter.numel() for parameter in module.parameters())
    smallest = find_smallest(module.eval())
    return {
        "body": total - head,
        "per_class": head // outputs,
        "smallest": smallest,
        "larger": all(takes(module, smallest + more) for more in (1, 7)),
    }


def find_smallest(module: nn.Module) -> int:
    """The side of the smallest square image that the network takes."""
    low, high = 0, _LARGEST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if takes(module, middle) else (middle, high)
    return high


@torch.no_grad()
def takes(module: nn.Module, side: int) -> bool:
    """Whether a network on the meta device maps such images to one row each."""
    try:
        return len(module(torch.empty(2, 3, side, side, device="meta"))) == 2
    except (RuntimeError, ValueError, AssertionError, IndexError, ZeroDivisionError):
        return False


def main() -> None:
    entries = (f"{json.dumps(name)}: {json.dumps(describe_model(name))}" for name in list_models())
    TABLE.write_text("{\n" + ",\n".join(entries) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
