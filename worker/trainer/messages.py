"""What the supervisor and a trainer tell each other: plain values, so that reading them imports no torch.

An epoch goes as core.db.records.EpochValues. After a TrainRequest come a Started, any number of those, each perhaps
with a Saved or an Unsaved behind it, and then one of Finished, Interrupted, Failed, Crashed. Pulses and Beats go
meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.db.records import CoefficientValues, EpochValues
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
class TrainRequest:
    """Train these runs. ``number`` tells a Stop which order it means.

    ``checkpoints``: the folder of the job's, ``names`` those in it that it may go on from, ``mark`` what the new ones
    are named by. ``patience``: seconds without a Pulse after which the trainer waits for the next one, since whoever
    supervises it may no longer hold the job.
    """

    number: int
    spec: dict[str, Any]
    runs: list[PlannedRun]
    data_folder: str
    download: bool
    checkpoints: str
    names: list[str]
    mark: str
    checkpoint_seconds: float
    keeps_last: bool
    patience: float


@dataclass(frozen=True)
class Stop:
    """Before the next step; or, where there is time, after the epoch, with a checkpoint."""

    number: int
    at_once: bool = True


@dataclass(frozen=True)
class Pulse:
    """The supervisor is alive."""


@dataclass(frozen=True)
class Beat:
    """The trainer is alive: it takes steps, or waits for a Pulse."""


@dataclass(frozen=True)
class Started:
    """It goes on after ``epoch``: that of a checkpoint, or 0."""

    epoch: int


@dataclass(frozen=True)
class Saved:
    """A checkpoint of ``size`` bytes is on the disk; all epochs up to its own were sent before."""

    epoch: int
    name: str
    size: int


@dataclass(frozen=True)
class Unsaved:
    """A checkpoint could not be written; it trains on."""

    error: str


@dataclass(frozen=True)
class Finished:
    """The training came to its end. Both (M,); ``coefficients`` of linear networks."""

    test_loss: NDArray[np.float64]
    test_score: NDArray[np.float64]
    coefficients: CoefficientValues | None = None


@dataclass(frozen=True)
class Interrupted:
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


End = Finished | Interrupted | Failed | Crashed
Message = EpochValues | Started | Saved | Unsaved | End
