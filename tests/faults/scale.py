"""How often each promise is tried: a few times in `make test`, at its full number in `make faults`; by a seed."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

FULL = os.environ.get("RIDGELINE_FAULTS") == "full"
SEED = int(os.environ.get("RIDGELINE_FAULTS_SEED") or 20261124)
SMALL_SECONDS = 120
Test = Callable[..., Any]


def promise(
    name: str, *, small: int, full: int, minutes: float, seconds: float = SMALL_SECONDS
) -> Callable[[Test], Test]:
    """Marks the test of a promise. ``minutes``: when a run at the full number is given up; ``seconds``: any other."""

    def decorate(test: Test) -> Test:
        marked = pytest.mark.promise(name, full if FULL else small)(test)
        return pytest.mark.timeout(minutes * 60 if FULL else seconds)(marked)

    return decorate
