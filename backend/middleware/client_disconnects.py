"""Clients that disconnect during a live stream."""

from __future__ import annotations

from anyio import BrokenResourceError
from starlette.types import ASGIApp, Receive, Scope, Send


class ClientDisconnects:
    """Suppresses the error of a stream whose client has disconnected.

    FastAPI closes the reading end before it cancels the writing task, which then fails: a traceback in the log for
    every tab that is closed while epochs come.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except* BrokenResourceError:
            pass
