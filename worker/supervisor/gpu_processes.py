"""``python -m worker.supervisor.gpu_processes [DEVICE…]``: a worker process per GPU, or per device named, kept alive.

Where there is one device or none, this process becomes the worker itself.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from core.failures import run
from core.logs import set_up_logs
from core.managed_process import ManagedProcess, name_end
from core.settings import Settings, get_settings
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
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass
class GpuProcess:
    """A worker process, when it was started, and when it may be started again. Times are of ``time.monotonic``."""

    child: ManagedProcess
    started: float = 0.0
    wait: float = 0.0
    due: float | None = None

    def start(self) -> None:
        self.child.start()
        self.started, self.due = time.monotonic(), None

    def look(self) -> None:
        """Start it again where it has ended and has waited for long enough."""
        if self.due is None and (status := self.child.find_end()) is not None:
            self.child.kill()
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
            self.child.name, lived, name_end(status), self.wait, self.child.starts,
        )  # fmt: skip


def list_devices(settings: Settings, gpus: int) -> list[str]:
    """The devices that want a worker process each; none where one process does for all there is."""
    return [f"cuda:{number}" for number in range(gpus)] if settings.device == "auto" and gpus > 1 else []


def count_gpus() -> int:
    """How many torch can use, by a process of its own: this one never loads torch. CUDA_VISIBLE_DEVICES counts."""
    if not any(path.exists() for path in NVIDIA_DRIVERS):
        return 0
    command = [sys.executable, "-c", "import torch; print(torch.cuda.device_count())"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=COUNT_SECONDS, check=True)  # noqa: S603  # our own
        return int(done.stdout.split()[-1])
    except (subprocess.SubprocessError, OSError, ValueError, IndexError) as error:
        logger.warning("GPUs could not be counted, one worker looks after all: %s", error)
        return 0


def supervise(devices: Sequence[str]) -> int:
    """Keep a worker alive on each device until a signal says to leave; 0 where all of them left as asked.

    The signal is passed on once; workers give their jobs back before they leave.
    """
    members = [
        GpuProcess(ManagedProcess(f"worker {number} on {device}", ("worker.app",), given={"RIDGELINE_DEVICE": device}))
        for number, device in enumerate(devices)
    ]
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for name in _SIGNALS:
        signal.signal(name, stop)
    # Those that came while this was being loaded (backend.cli) are heard now.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    for member in members:
        member.start()
    logger.info("workers: %d, on %s", len(members), ", ".join(devices))
    while not stopping:
        time.sleep(LOOK_SECONDS)
        for member in members:
            if not stopping:
                member.look()
    return leave([member.child for member in members])


def leave(children: Sequence[ManagedProcess]) -> int:
    """Ask each to end, wait, and end those that do not; 0 where all left as asked."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(child.find_end() is None for child in children):
        time.sleep(LOOK_SECONDS / 4)
    statuses = [child.find_end() for child in children]
    for child in children:
        child.kill()
    return 0 if all(status == 0 for status in statuses) else 1


def main() -> int:
    """Supervise until a signal says to leave, or become the one worker; the exit status."""
    settings = get_settings()
    set_up_logs(settings)
    devices = sys.argv[1:] or list_devices(settings, count_gpus())
    if not devices:
        # In place of this process, so that signals reach the worker.
        os.execv(sys.executable, [sys.executable, "-m", "worker.app"])  # noqa: S606  # no shell is wanted
    return supervise(devices)


if __name__ == "__main__":
    sys.exit(run(main))
