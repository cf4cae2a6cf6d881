"""Counters for monitoring: each heartbeat writes them into the worker's row."""

from __future__ import annotations

import threading
from collections import Counter


class Counters:
    """Numbers that only grow. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def add(self, name: str, amount: int = 1) -> None:
        with self._lock:
            self._counts[name] += amount

    def read(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)


# A process is one worker.
counters = Counters()
