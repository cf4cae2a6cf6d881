"""How much one client may ask for: requests in any minute, and live streams at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address

from limits import RateLimitItemPerMinute
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.errors.handlers import TooManyError, answer_domain
from backend.middleware.moving_window import MovingWindow

# Whoever watches over this process asks it often, and answering costs nothing.
_FREE = ("/api/health",)
# A stream ends when it likes, so this is only when a look is worth while.
_STREAM_RETRY_SECONDS = 10


def name_client(connection: HTTPConnection) -> str:
    """Who asks, by address: the peer's, or what a trusted proxy says of it (``backend.server``).

    Of an IPv6 address the network, a /64: all of it is one household's.
    """
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)


class RateLimit:
    """Refuses what a client asks for beyond ``per_minute`` requests of the API in any minute."""

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self.app = app
        self._limit = RateLimitItemPerMinute(per_minute)
        self._window = MovingWindow()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api") or scope["path"] in _FREE:
            await self.app(scope, receive, send)
            return
        client = name_client(HTTPConnection(scope))
        if await self._window.hit(self._limit, client):
            await self.app(scope, receive, send)
            return
        await answer_domain(Request(scope), await self._refuse(client))(scope, receive, send)

    async def _refuse(self, client: str) -> TooManyError:
        seconds, most = await self._window.measure_wait(self._limit, client), self._limit.amount
        return TooManyError("requests", expected=f"at most {most} a minute", received=most + 1, retry_seconds=seconds)


class StreamLimit:
    """Counts the live streams, all of them and each client's. Lives in one event loop."""

    def __init__(self, most: int, per_client: int) -> None:
        self._most = most
        self._per_client = per_client
        self._open: Counter[str] = Counter()

    @contextmanager
    def admit(self, client: str) -> Iterator[None]:
        """While inside, one more is open. Raises TooManyError where that would be one too many."""
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
            retry_seconds=_STREAM_RETRY_SECONDS,
        )
