"""The messages between the supervisor and a trainer: plain values, so that reading them imports no torch.

A trainer that is warm sends a DeviceInfo. After a TrainRequest it sends a Started, any number of EpochValues
(core.catalogue.epoch_values), each perhaps followed by a Saved or an Unsaved, and then one of Finished, Interrupted,
Failed; a Crashed takes their place where its process ended. Meanwhile each side sends the other signs of life.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalogue.epoch_values import CoefficientValues, EpochValues, OptimumValues, OutcomeValues
from core.spec import PlannedRun


@dataclass(frozen=True)
class DeviceInfo:
    """A trainer is warm, on this device. ``gpus``: of this machine; ``name``: the device's, as its maker calls it."""

    device: str
    name: str
    memory_bytes: int
    gpus: int
    versions: dict[str, str]


@dataclass(frozen=True)
class TrainRequest:
    """Train these runs. ``number``: the one that a Stop refers to.

    ``checkpoints``: the job's folder; ``names``: the files in it from which the training may go on; ``mark``: part of
    the new files' names. ``patience``: seconds without a SupervisorAlive after which the trainer waits for the next
    one, since its supervisor may no longer hold the job.
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
    keeps_weights: bool = False


@dataclass(frozen=True)
class Stop:
    """Stop before the next step; or, where there is time, after the epoch, with a checkpoint."""

    number: int
    at_once: bool = True


@dataclass(frozen=True)
class SupervisorAlive:
    """Sent to the trainer while it trains."""


@dataclass(frozen=True)
class TrainerAlive:
    """The trainer takes steps, or waits for a SupervisorAlive."""


@dataclass(frozen=True)
class Started:
    """The training goes on after ``epoch``: that of a checkpoint, or 0. ``layers``: names of a run's weight tensors."""

    epoch: int
    layers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Saved:
    """A checkpoint of ``size`` bytes is on the disk. All epochs up to its own were sent before."""

    epoch: int
    name: str
    size: int


@dataclass(frozen=True)
class Unsaved:
    """A checkpoint could not be written; the training goes on."""

    error: str


@dataclass(frozen=True)
class Finished:
    """The training came to its end. Loss and score (M,); ``coefficients`` and ``optimum`` of linear networks.

    ``weights``: the names of the files that hold each run's, in the folder of the checkpoints; empty without.
    """

    test_loss: NDArray[np.float64]
    test_score: NDArray[np.float64]
    outcomes: OutcomeValues
    coefficients: CoefficientValues | None = None
    optimum: OptimumValues | None = None
    weights: tuple[str | None, ...] = ()


@dataclass(frozen=True)
class Interrupted:
    """The training stopped because it was asked to."""


@dataclass(frozen=True)
class Failed:
    """The training raised, and would again. ``spent``: the trainer exits, as the failure may affect later trainings."""

    error: str
    spent: bool


@dataclass(frozen=True)
class Crashed:
    """The trainer process ended; ``cause`` quotes the end of its output."""

    cause: str


End = Finished | Interrupted | Failed | Crashed
Message = EpochValues | Started | Saved | Unsaved | End
