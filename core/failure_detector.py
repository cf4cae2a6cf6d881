"""How long somebody has given no sign of life: told by what changes, not by time stamps, for clocks differ and jump."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
M = TypeVar("M")


@dataclass(frozen=True)
class _Seen(Generic[M]):
    """A mark, and the seconds for which it has been seen unchanged."""

    mark: M
    silence: float


class FailureDetector(Generic[K, M]):
    """``look`` at everybody's marks over and over: whoever lives changes its own now and then.

    ``longest_gap``: no more of the time between two looks counts as silence. What kept this observer from looking, a
    frozen machine or a database that was away, may have kept the others from giving a sign.
    """

    def __init__(self, longest_gap: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest_gap = longest_gap
        self._clock = clock
        self._looked = clock()
        self._seen: dict[K, _Seen[M]] = {}

    def look(self, marks: Mapping[K, M], presumed: Mapping[K, float] | None = None) -> None:
        """These are all that there are now. ``presumed``: the silence to begin with of those never seen before."""
        now = self._clock()
        gap = min(now - self._looked, self._longest_gap)
        self._looked = now
        self._seen = {key: self._see(key, mark, gap, (presumed or {}).get(key, 0.0)) for key, mark in marks.items()}

    def skip(self) -> None:
        """What has passed since the last look is nobody's silence."""
        self._looked = self._clock()

    def restart(self) -> None:
        """Nobody has been silent until now."""
        self._looked = self._clock()
        self._seen = {key: _Seen(seen.mark, 0.0) for key, seen in self._seen.items()}

    def find_silence(self, key: K) -> float | None:
        """The seconds for which this one has been silent; None where it was not there at the last look."""
        seen = self._seen.get(key)
        return seen.silence if seen else None

    def list_silent(self, seconds: float) -> dict[K, M]:
        """Those that have been silent for so long, with the mark that has not changed."""
        return {key: seen.mark for key, seen in self._seen.items() if seen.silence >= seconds}

    def _see(self, key: K, mark: M, gap: float, presumed: float) -> _Seen[M]:
        before = self._seen.get(key)
        if before is None:
            return _Seen(mark, presumed)
        return _Seen(mark, before.silence + gap if before.mark == mark else 0.0)
