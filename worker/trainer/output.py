"""The supervisor's reading of a trainer's output: logged line by line, and quoted in causes of failures."""

from __future__ import annotations

import contextvars
import logging
import subprocess
import threading
from collections import deque

logger = logging.getLogger(__name__)

# Enough for a training's traceback, with those of the other threads that a crash prints before it.
TAIL_LINES = 60


class TrainerOutput:
    """A thread of its own follows the output, with the log's ids of the present request."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._printed: deque[str] = deque(maxlen=TAIL_LINES)
        self._context = contextvars.copy_context()
        self._thread = threading.Thread(target=self._follow, name="trainer-output", daemon=True)
        self._thread.start()

    def begin(self) -> None:
        """Forget earlier lines, and log the coming ones with the ids of the caller."""
        self._printed.clear()
        self._context = contextvars.copy_context()

    def wait(self) -> None:
        """Until the output of a process that ended has been read."""
        self._thread.join(1)

    def quote(self) -> str:
        """The last lines since ``begin``, as a sentence; empty where nothing was printed."""
        self.wait()
        tail = "\n".join(self._printed)
        return f" It printed last:\n{tail}" if tail else ""

    def _follow(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            text = line.decode(errors="replace").rstrip()
            self._printed.append(text)
            self._context.run(logger.warning, "trainer %d: %s", self._process.pid, text)
