"""How the processes that run the tests side by side share them out.

A file's tests stay together, since they share servers. Files that take long come first, so that no process is left with
one at the end. What is promised within a time ("cancelled within 2 s") is promised of a machine that is not busy with
other tests: `make pytest` runs tests that are marked ``alone`` after all others, one by one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
# They start servers, workers and browsers. By name, browsers and processes that only wait for one another alternate.
SLOW = ("e2e", "faults", "benchmarks", "worker")


def rank(item: pytest.Item) -> tuple[bool, str]:
    """The place of a test's file; within a file the order stays."""
    path = item.path.relative_to(ROOT)
    is_slow = path.parts[0] in SLOW and "training" not in path.parts
    return not is_slow, f"{path.name}/{path.parent}"


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
