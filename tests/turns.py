"""Turns of the processes that run the tests side by side: a test that is marked ``alone`` has the machine to itself.

What is promised within a time ("cancelled within 2 s") is promised of a machine that is not busy with other tests.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def take_turn(*, alone: bool) -> Iterator[None]:
    """Wait until a test may run, beside others or ``alone``; at once where one process runs them all."""
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if session is None:
        yield
        return
    folder = Path(tempfile.gettempdir()) / f"ridgeline-tests-{session}"
    folder.mkdir(exist_ok=True)
    with (folder / "queue").open("w") as queue, (folder / "running").open("w") as running:
        # Who waits to be alone is first in the queue, so that no other test starts meanwhile.
        fcntl.flock(queue, fcntl.LOCK_EX)
        fcntl.flock(running, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(queue, fcntl.LOCK_UN)
        yield
