"""What the supervisor and a trainer tell each other: plain values, so that reading them imports no torch.

An epoch goes as core.db.rows.EpochValues. After an Order come any number of those and then one of Finished, Halted,
Failed, Crashed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.db.rows import CoefficientValues, EpochValues
from core.spec import PlannedRun


@dataclass(frozen=True)
class Hello:
    """A trainer is warm. ``gpus``: how many this machine has; ``name``: of the device, as its maker calls it."""

    device: str
    name: str
    memory_bytes: int
    gpus: int
    versions: dict[str, str]


@dataclass(frozen=True)
class Order:
    """Train these runs. ``number`` tells a Stop which order it means."""

    number: int
    spec: dict[str, Any]
    runs: list[PlannedRun]
    data_folder: str
    download: bool


@dataclass(frozen=True)
class Stop:
    number: int


@dataclass(frozen=True)
class Finished:
    """The training came to its end. Both (M,); ``coefficients`` of linear networks."""

    test_loss: NDArray[np.float64]
    test_score: NDArray[np.float64]
    coefficients: CoefficientValues | None = None


@dataclass(frozen=True)
class Halted:
    """It was asked to stop and did."""


@dataclass(frozen=True)
class Failed:
    """It raised, and would again. ``spent``: the trainer leaves, for what is left of the failure may reach further."""

    error: str
    spent: bool


@dataclass(frozen=True)
class Crashed:
    """The trainer is gone; its cause and the end of what it printed."""

    cause: str


End = Finished | Halted | Failed | Crashed
Message = EpochValues | End
