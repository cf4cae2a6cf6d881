"""How many live streams may be open, in all and per client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from backend.errors.exceptions import TooManyError

# Nobody knows when a stream ends; this is how soon another attempt is worth while.
_RETRY_SECONDS = 10


class StreamLimit:
    """Counts open streams, in all and per client. Lives in one event loop."""

    def __init__(self, most: int, per_client: int) -> None:
        self._most = most
        self._per_client = per_client
        self._open: Counter[str] = Counter()

    @contextmanager
    def admit(self, client: str) -> Iterator[None]:
        """Count a stream as open while inside. Raises TooManyError at a limit."""
        _check(self._open[client], self._per_client, "of one client")
        _check(self._open.total(), self._most, "of all clients")
        self._open[client] += 1
        try:
            yield
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]


def _check(count: int, most: int, whose: str) -> None:
    if count >= most:
        raise TooManyError(
            "streams",
            expected=f"at most {most} {whose} at once",
            received=count + 1,
            retry_seconds=_RETRY_SECONDS,
        )
