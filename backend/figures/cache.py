"""Cache of the figures of ended experiments, as response bodies."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

import brotli

# Higher levels take longer to compress than they save on a fast network.
_QUALITY = 4
_MOST_BYTES = 64_000_000


class Body:
    """A response body, and its brotli form, made on first use."""

    def __init__(self, plain: bytes) -> None:
        self.plain = plain
        self._packed: bytes | None = None

    def pack(self) -> bytes:
        if self._packed is None:
            self._packed = brotli.compress(self.plain, quality=_QUALITY)
        return self._packed


class FigureCache:
    """The most recently used bodies, up to ``most_bytes``. Thread-safe."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._bodies: OrderedDict[Hashable, Body] = OrderedDict()
        self._most_bytes = most_bytes
        self._bytes = 0
        self._lock = Lock()

    def read(self, key: Hashable | None, make: Callable[[], bytes]) -> Body:
        """The body under ``key``, made if absent; the key None is never kept."""
        if key is None:
            return Body(make())
        with self._lock:
            if key in self._bodies:
                self._bodies.move_to_end(key)
                return self._bodies[key]
        body = Body(make())
        with self._lock:
            if key not in self._bodies:
                self._bodies[key] = body
                self._bytes += len(body.plain)
            while self._bytes > self._most_bytes:
                _, oldest = self._bodies.popitem(last=False)
                self._bytes -= len(oldest.plain)
        return body
