"""A child process that dies with its parent process."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

_PR_SET_PDEATHSIG = 1


@dataclass
class ManagedProcess:
    """``command``: a Python module and its arguments. ``withheld``: environment variables that it does not inherit.

    ``given``: additional variables. Start it from the main thread: Linux ends it with the thread that started it.
    """

    name: str
    command: Sequence[str]
    withheld: Sequence[str] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    starts: int = field(default=0)

    def start(self) -> None:
        self.starts += 1
        passed_on = {name: value for name, value in os.environ.items() if name not in self.withheld}
        # A session of its own: Ctrl-C reaches it only through this process.
        self.process = subprocess.Popen(  # noqa: S603  # our own command
            [sys.executable, "-m", *self.command],
            env=passed_on | dict(self.given),
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    def find_end(self) -> int | None:
        """Its exit status; None while it runs."""
        return self.process.poll() if self.process else None

    def terminate(self) -> None:
        """Send SIGTERM; it ends its own children."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def kill(self) -> None:
        """Kill it with its process group."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def name_end(status: int) -> str:
    """An exit status in words."""
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"


def _die_with_parent() -> None:
    """Between fork and exec: Linux then ends the child when its parent dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
