"""Clients that leave a live stream in the middle of it."""

from __future__ import annotations

from anyio import BrokenResourceError
from starlette.types import ASGIApp, Receive, Scope, Send


class ClientDisconnects:
    """Forgets what a stream still had to say to a client that left.

    FastAPI closes the end that is read before it ends the task that writes, which then fails: an error and a traceback
    in the log for every tab that is closed while epochs come.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except* BrokenResourceError:
            pass
