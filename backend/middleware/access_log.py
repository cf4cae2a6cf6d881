"""The access log: a log line and a duration for every request."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.monitoring.prometheus import ProcessMetrics

log = logging.getLogger("ridgeline.access")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# nginx's status for a client that left before the response.
_LEFT = 499


@dataclass
class _Response:
    """Status and duration of a request."""

    began: float = field(default_factory=time.perf_counter)
    status: int = _LEFT
    is_stream: bool = False
    failed: bool = False

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began


class AccessLog:
    """The outermost middleware, so that requests rejected by the others are logged too."""

    def __init__(self, app: ASGIApp, metrics: ProcessMetrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        response = _Response()

        async def send_recorded(message: Message) -> None:
            if message["type"] == "http.response.start":
                response.status = message["status"]
                kind = Headers(raw=message.get("headers", [])).get("content-type", "")
                if kind.startswith("text/event-stream"):
                    response.is_stream = True
                    self._measure(scope, response)
                    self._metrics.streams.inc()
            await send(message)

        try:
            await self.app(scope, receive, send_recorded)
        except Exception:
            response.failed = True
            response.status = 500 if response.status == _LEFT else response.status
            raise
        finally:
            self._end(scope, response)

    def _end(self, scope: Scope, response: _Response) -> None:
        if response.is_stream:
            self._metrics.streams.dec()
        else:
            self._measure(scope, response)
        method, route = _name_method(scope), _name_route(scope, response.status)
        fields = {"method": method, "route": route, "status": response.status}
        level = logging.ERROR if response.failed else logging.INFO
        extra = {
            **fields,
            "milliseconds": round(response.seconds * 1000, 1),
            "client": (scope.get("client") or [None])[0],
        }
        log.log(level, "%s %s %d", *fields.values(), extra=extra)

    def _measure(self, scope: Scope, response: _Response) -> None:
        status = str(response.status)
        series = self._metrics.requests.labels(_name_method(scope), _name_route(scope, response.status), status)
        series.observe(response.seconds)


def _name_method(scope: Scope) -> str:
    """The method; one label for all unknown ones, which clients may make up."""
    return scope["method"] if scope["method"] in _METHODS else "other"


def _name_route(scope: Scope, status: int) -> str:
    """The route's template, never the path: paths are unlimited in number and may hold anything."""
    path = getattr(scope.get("route"), "path", None)
    if isinstance(path, str):
        return path
    return "page" if status < 400 else "none"
