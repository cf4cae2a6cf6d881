"""The supervisor's trainers: one per device, started at boot, lent to jobs, replaced when they die."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from core.settings import Settings
from worker.trainer.handle import TrainerHandle, TrainerStartError
from worker.trainer.messages import DeviceInfo

logger = logging.getLogger(__name__)

NVIDIA_DRIVERS = (Path("/proc/driver/nvidia"), Path("/dev/dxg"))
RETRY_SECONDS = 5.0


class TrainerPool:
    """``start`` it, ``take`` a trainer for a job, ``give_back`` the trainer, dead or alive, ``close`` the pool."""

    def __init__(self, settings: Settings, stopping: threading.Event) -> None:
        self._settings = settings
        self._stopping = stopping
        self._changed = threading.Condition()
        self._trainers: dict[int, TrainerHandle] = {}
        self._free: list[int] = []
        self.device_info: DeviceInfo | None = None

    @property
    def size(self) -> int:
        return len(self._trainers)

    @property
    def idle(self) -> int:
        """How many trainers wait for work."""
        return 0 if self._stopping.is_set() else len(self._free)

    def start(self) -> None:
        """Start the trainers and wait until all are warm. Raises TrainerStartError where one does not start.

        Their number is known once the first has counted GPUs. Without an NVIDIA driver there are none, so that one per
        core can be started at once.
        """
        trainers = [TrainerHandle(self._device(0, 0))]
        if not any(path.exists() for path in NVIDIA_DRIVERS):
            trainers += [TrainerHandle(self._device(slot, 0)) for slot in range(1, self._count(0))]
        self._trainers = dict(enumerate(trainers))
        self.device_info = self._await_warm(trainers[0])
        gpus = self._count_gpus()
        for slot in range(len(trainers), self._count(gpus)):
            self._trainers[slot] = TrainerHandle(self._device(slot, gpus))
        for slot in range(self._count(gpus), len(trainers)):
            self._trainers.pop(slot).close()
        for trainer in self._trainers.values():
            self._await_warm(trainer)
        self._free = list(self._trainers)

    def take(self) -> TrainerHandle | None:
        """A warm trainer, waited for; None when the worker is stopping."""
        while not self._stopping.is_set():
            with self._changed:
                slot = self._free.pop() if self._free else None
                if slot is None:
                    self._changed.wait(0.2)
                    continue
            if self._trainers[slot].is_alive:
                return self._trainers[slot]
            self._replace(slot)
        return None

    def give_back(self, trainer: TrainerHandle) -> None:
        """Make it free for the next job; a new one is started where it is dead."""
        slot = next(slot for slot, own in self._trainers.items() if own is trainer)
        if trainer.is_alive:
            self._set_free(slot)
        else:
            self._replace(slot)

    def close(self) -> None:
        """End every trainer."""
        for trainer in list(self._trainers.values()):
            trainer.close()

    def _set_free(self, slot: int) -> None:
        with self._changed:
            self._free.append(slot)
            self._changed.notify()

    def _replace(self, slot: int) -> None:
        self._trainers[slot].close()
        threading.Thread(target=self._start_again, args=(slot,), name="trainer-start", daemon=True).start()

    def _start_again(self, slot: int) -> None:
        while not self._stopping.is_set():
            trainer = TrainerHandle(self._device(slot, self._count_gpus()))
            self._trainers[slot] = trainer
            try:
                self._await_warm(trainer)
            except TrainerStartError as error:
                logger.error("%s", error)
                self._stopping.wait(RETRY_SECONDS)
            else:
                self._set_free(slot)
                return
        self._trainers[slot].close()

    def _await_warm(self, trainer: TrainerHandle) -> DeviceInfo | None:
        while not self._stopping.is_set() and not trainer.wait_warm(0.2):
            pass
        return trainer.device_info

    def _count_gpus(self) -> int:
        return self.device_info.gpus if self.device_info else 0

    def _count(self, gpus: int) -> int:
        if self._settings.trainers:
            return self._settings.trainers
        if self._settings.device == "auto":
            return gpus or self._settings.cores
        return self._settings.cores if self._settings.device == "cpu" else 1

    def _device(self, slot: int, gpus: int) -> str:
        if self._settings.device == "auto" and gpus:
            return f"cuda:{slot % gpus}"
        return self._settings.device
