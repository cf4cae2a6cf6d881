"""The limits of a request's body: its bytes, and how much JSON may hold.

Parsing and validation take the event loop's time by the number of lists, objects and keys, far more than by bytes: a
megabyte of ``[]`` takes half a second.
"""

from __future__ import annotations

import anyio
from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors.responses import make_error_response
from backend.schemas.errors import ErrorDetail

# The largest spec has some 200 lists and objects; written as a text within JSON, some 7,000 keys and values, and notes
# of 10,000 characters.
MAX_CONTAINERS = 10_000
MAX_KEYS = 12_000
# A sender that is still writing may not read: this much of a rejected body is read and dropped.
_DRAIN_TIMES = 32
_DRAIN_SECONDS = 10
_TOO_MUCH = f"A body may hold at most {MAX_CONTAINERS} lists and objects, and {MAX_KEYS} keys."


class BodyLimit:
    """Rejects bodies that are too large, by their Content-Length and as they arrive."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self.app = app
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and (len(length) > 18 or int(length) > self.max_body_bytes):
            await self._refuse(scope, receive, send)
            return
        await self.app(scope, self._measure(receive), send)

    def _measure(self, receive: Receive) -> Receive:
        received = containers = keys = 0

        async def receive_measured() -> Message:
            nonlocal received, containers, keys
            message = await receive()
            body = message.get("body", b"")
            received += len(body)
            containers += body.count(b"[") + body.count(b"{")
            keys += body.count(b":")
            holds_too_much = containers > MAX_CONTAINERS or keys > MAX_KEYS
            if received > self.max_body_bytes or holds_too_much:
                if message.get("more_body", False):
                    await self._drain(receive)
                raise HTTPException(413, _TOO_MUCH if holds_too_much else self._describe())
            return message

        return receive_measured

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        # With Expect: 100-continue nothing has been sent yet.
        if "100-continue" not in Headers(scope=scope).get("expect", ""):
            await self._drain(receive)
        detail = ErrorDetail(field="body", message=self._describe(), expected=f"at most {self.max_body_bytes} bytes")
        response = make_error_response(Request(scope), 413, "body_too_large", detail.message, [detail])
        await response(scope, receive, send)

    async def _drain(self, receive: Receive) -> None:
        left = _DRAIN_TIMES * self.max_body_bytes
        more = True
        with anyio.move_on_after(_DRAIN_SECONDS):
            while more and left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                more = message["type"] == "http.request" and message.get("more_body", False)

    def _describe(self) -> str:
        return f"A body may have at most {self.max_body_bytes} bytes."
