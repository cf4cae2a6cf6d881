"""How many requests of the API one client may send a minute."""

from __future__ import annotations

from limits import RateLimitItemPerMinute
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.errors.exceptions import TooManyError
from backend.errors.responses import answer_domain_error
from backend.middleware.client_address import get_client_address
from backend.middleware.moving_window import MovingWindow

# Health checks are frequent, and cheap to answer.
_FREE = ("/api/health",)


class RateLimit:
    """Rejects a client's requests beyond ``per_minute`` in any minute."""

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self.app = app
        self._limit = RateLimitItemPerMinute(per_minute)
        self._window = MovingWindow()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api") or scope["path"] in _FREE:
            await self.app(scope, receive, send)
            return
        client = get_client_address(HTTPConnection(scope))
        if await self._window.hit(self._limit, client):
            await self.app(scope, receive, send)
            return
        await answer_domain_error(Request(scope), await self._refuse(client))(scope, receive, send)

    async def _refuse(self, client: str) -> TooManyError:
        seconds, most = await self._window.measure_wait(self._limit, client), self._limit.amount
        return TooManyError("requests", expected=f"at most {most} a minute", received=most + 1, retry_seconds=seconds)
