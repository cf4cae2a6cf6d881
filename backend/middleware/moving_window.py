"""Counts per client over the last minute."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

_JUMP_SECONDS = 1.0


class MovingWindow:
    """A moving window in memory, reset when the machine's clock jumps.

    The library uses that clock: set back by an hour, an hour's requests would count as a minute's.
    """

    def __init__(self) -> None:
        self._storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._storage)
        self._offset = _read_offset()

    async def hit(self, limit: RateLimitItem, client: str) -> bool:
        """Count one more; False if that exceeds the limit."""
        await self._reset_after_jump()
        return await self._limiter.hit(limit, client)

    async def test(self, limit: RateLimitItem, client: str) -> bool:
        """Whether one more is within the limit."""
        await self._reset_after_jump()
        return await self._limiter.test(limit, client)

    async def measure_wait(self, limit: RateLimitItem, client: str) -> int:
        """Seconds, at least one, until one more is within the limit."""
        stats = await self._limiter.get_window_stats(limit, client)
        return max(1, math.ceil(stats.reset_time - time.time()))

    async def _reset_after_jump(self) -> None:
        offset = _read_offset()
        if abs(offset - self._offset) > _JUMP_SECONDS:
            await self._storage.reset()
        self._offset = offset


def _read_offset() -> float:
    return time.time() - time.monotonic()
