"""Whether a worker or a lease is dead: its mark no longer changes. Timestamps prove nothing, since clocks jump."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
M = TypeVar("M")


@dataclass(frozen=True)
class _Seen(Generic[M]):
    """A mark, and how many seconds it has been unchanged."""

    mark: M
    silence: float


class FailureDetector(Generic[K, M]):
    """Call ``look`` regularly with all marks: whoever is alive changes its own.

    ``longest_gap``: at most this much of the time between two looks counts as silence. What delays the observer, such
    as a frozen machine or an unavailable database, may delay the observed as well.
    """

    def __init__(self, longest_gap: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._longest_gap = longest_gap
        self._clock = clock
        self._looked = clock()
        self._seen: dict[K, _Seen[M]] = {}

    def look(self, marks: Mapping[K, M], presumed: Mapping[K, float] | None = None) -> None:
        """Observe all marks. ``presumed``: the initial silence of keys not seen before."""
        now = self._clock()
        gap = min(now - self._looked, self._longest_gap)
        self._looked = now
        self._seen = {key: self._see(key, mark, gap, (presumed or {}).get(key, 0.0)) for key, mark in marks.items()}

    def skip(self) -> None:
        """Do not count the time since the last look as silence."""
        self._looked = self._clock()

    def restart(self) -> None:
        """Reset every silence to 0."""
        self._looked = self._clock()
        self._seen = {key: _Seen(seen.mark, 0.0) for key, seen in self._seen.items()}

    def find_silence(self, key: K) -> float | None:
        """Seconds of silence; None for a key absent at the last look."""
        seen = self._seen.get(key)
        return seen.silence if seen else None

    def list_silent(self, seconds: float) -> dict[K, M]:
        """The keys silent for at least ``seconds``, with their unchanged marks."""
        return {key: seen.mark for key, seen in self._seen.items() if seen.silence >= seconds}

    def _see(self, key: K, mark: M, gap: float, presumed: float) -> _Seen[M]:
        before = self._seen.get(key)
        if before is None:
            return _Seen(mark, presumed)
        return _Seen(mark, before.silence + gap if before.mark == mark else 0.0)
