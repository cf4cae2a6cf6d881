"""Requests counted by a clock that may jump."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from limits import RateLimitItemPerMinute

from backend.middleware.moving_window import MovingWindow

LIMIT = RateLimitItemPerMinute(3)
Jump = Callable[[float], None]


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Jump:
    """Sets the clock by so many seconds."""
    ahead, clock = 0.0, time.time

    def jump(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds

    monkeypatch.setattr(time, "time", lambda: clock() + ahead)
    return jump


async def count(window: MovingWindow, client: str = "a") -> int:
    """How many requests are let through of ten."""
    return [await window.hit(LIMIT, client) for _ in range(10)].count(True)


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_clock_that_is_set_refuses_nobody(jump: Jump, seconds: float) -> None:
    async def try_out() -> None:
        window = MovingWindow()
        assert await count(window) == 3
        assert not await window.test(LIMIT, "a")
        assert 1 <= await window.measure_wait(LIMIT, "a") <= 60
        jump(seconds)
        assert await window.test(LIMIT, "a")
        assert await count(window) == 3
        assert await count(window) == 0
        assert 1 <= await window.measure_wait(LIMIT, "a") <= 60

    asyncio.run(try_out())


def test_a_clock_that_is_slewed_forgets_nothing(jump: Jump) -> None:
    async def try_out() -> None:
        window = MovingWindow()
        assert await count(window) == 3
        for _ in range(5):
            jump(-0.2)
            assert await count(window) == 0
        assert await count(window, "b") == 3

    asyncio.run(try_out())
