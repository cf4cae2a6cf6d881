"""A worker process per GPU, kept alive: ``python -m worker.supervisor.gpu_processes [DEVICE…]``.

With one GPU or none, and no devices named, this process becomes the worker itself.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from core.command_failures import run
from core.logs import set_up_logs
from core.managed_process import ManagedProcess, end_all, name_end
from core.settings import Settings, get_settings
from core.stop_signals import listen_to_signals
from worker.trainer.pool import NVIDIA_DRIVERS

logger = logging.getLogger("worker.supervisor.gpu_processes")

# A worker leaves by force after 13 seconds.
GRACE_SECONDS = 18.0
LOOK_SECONDS = 0.2
# The wait before it is started again doubles while it keeps dying, and begins anew once it has lived for a while.
FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 60.0
STEADY_SECONDS = 60.0
COUNT_SECONDS = 120.0


@dataclass
class GpuProcess:
    """A worker process, when it was started, and when it may be started again. Times are of ``time.monotonic``."""

    process: ManagedProcess
    started: float = 0.0
    wait: float = 0.0
    due: float | None = None

    def start(self) -> None:
        self.process.start()
        self.started, self.due = time.monotonic(), None

    def look(self) -> None:
        """Start it again if it ended and its wait is over."""
        if self.due is None and (status := self.process.find_end()) is not None:
            self.process.kill()
            self._plan(status)
        if self.due is not None and time.monotonic() >= self.due:
            self.start()

    def _plan(self, status: int) -> None:
        lived = time.monotonic() - self.started
        steady = lived >= STEADY_SECONDS or not self.wait
        self.wait = FIRST_WAIT_SECONDS if steady else min(self.wait * 2, LONGEST_WAIT_SECONDS)
        self.due = time.monotonic() + self.wait
        logger.error(
            "%s ended by itself after %.0f seconds (%s); it is started again in %g seconds, for the %d. time",
            self.process.name, lived, name_end(status), self.wait, self.process.starts,
        )  # fmt: skip


def list_devices(settings: Settings, gpus: int) -> list[str]:
    """The devices that get a worker process each; none where one process serves all of them."""
    return [f"cuda:{number}" for number in range(gpus)] if settings.device == "auto" and gpus > 1 else []


def count_gpus() -> int:
    """The number of GPUs that torch can use, asked in a process of its own: this one never loads torch."""
    if not any(path.exists() for path in NVIDIA_DRIVERS):
        return 0
    command = [sys.executable, "-c", "import torch; print(torch.cuda.device_count())"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=COUNT_SECONDS, check=True)  # noqa: S603  # our own
        return int(done.stdout.split()[-1])
    except (subprocess.SubprocessError, OSError, ValueError, IndexError) as error:
        logger.warning("GPUs could not be counted, one worker looks after all: %s", error)
        return 0


def supervise(devices: Sequence[str], stopping: threading.Event) -> int:
    """Keep a worker alive on each device until told to stop; 0 where all of them left as asked.

    They are asked once; workers give their jobs back before they leave.
    """
    workers = [
        GpuProcess(ManagedProcess(f"worker {number} on {device}", ("worker.app",), given={"RIDGELINE_DEVICE": device}))
        for number, device in enumerate(devices)
    ]
    for worker in workers:
        worker.start()
    logger.info("workers: %d, on %s", len(workers), ", ".join(devices))
    while not stopping.wait(LOOK_SECONDS):
        for worker in workers:
            if not stopping.is_set():
                worker.look()
    return 0 if end_all([worker.process for worker in workers], GRACE_SECONDS) else 1


def main() -> int:
    """Supervise until a signal says to leave, or become the one worker; the exit status."""
    settings = get_settings()
    set_up_logs(settings)
    devices = sys.argv[1:] or list_devices(settings, count_gpus())
    if not devices:
        # In place of this process, so that signals reach the worker.
        os.execv(sys.executable, [sys.executable, "-m", "worker.app"])  # noqa: S606  # no shell is wanted
    return supervise(devices, listen_to_signals((signal.SIGTERM, signal.SIGINT)))


if __name__ == "__main__":
    sys.exit(run(main))
