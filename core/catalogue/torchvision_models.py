"""torchvision's classification networks and their sizes, without torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

# Written by `python -m setup.torchvision_models` from the installed torchvision; a test holds the two together.
TABLE = Path(__file__).with_name("torchvision_models.json")


@dataclass(frozen=True)
class TorchvisionModel:
    """``body``: weights without the output layer, which has ``per_class`` for each class.

    ``smallest``: the side of the smallest square image that it takes; ``larger``: whether it takes every larger one.
    """

    body: int
    per_class: int
    smallest: int
    larger: bool


def find_close(name: str) -> list[str]:
    """Similar names, the most similar first; some examples if there are none."""
    return get_close_matches(name, TORCHVISION_MODELS, 4, 0.5) or ["resnet18", "mobilenet_v2", "efficientnet_b0"]


def _read() -> dict[str, TorchvisionModel]:
    if not TABLE.exists():
        return {}
    return {name: TorchvisionModel(**entry) for name, entry in json.loads(TABLE.read_text(encoding="utf-8")).items()}


TORCHVISION_MODELS: dict[str, TorchvisionModel] = _read()
