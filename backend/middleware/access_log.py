"""What is noted of every request, whatever answers it: a line in the log, and how long it took."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.monitoring.prometheus import ProcessMetrics

log = logging.getLogger("ridgeline.access")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# The client left before it was answered; nginx's number for it.
_LEFT = 499


@dataclass
class Answer:
    """What became of a request."""

    began: float = field(default_factory=time.perf_counter)
    status: int = _LEFT
    is_stream: bool = False
    failed: bool = False

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.began


class AccessLog:
    """Stands around all other middleware, so that what these refuse is noted too."""

    def __init__(self, app: ASGIApp, metrics: ProcessMetrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = Answer()

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                kind = Headers(raw=message.get("headers", [])).get("content-type", "")
                if kind.startswith("text/event-stream"):
                    answer.is_stream = True
                    self._measure(scope, answer)
                    self._metrics.streams.inc()
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except Exception:
            answer.failed = True
            answer.status = 500 if answer.status == _LEFT else answer.status
            raise
        finally:
            self._end(scope, answer)

    def _end(self, scope: Scope, answer: Answer) -> None:
        if answer.is_stream:
            self._metrics.streams.dec()
        else:
            self._measure(scope, answer)
        method, route = _name_method(scope), _name_route(scope, answer.status)
        told = {"method": method, "route": route, "status": answer.status}
        level = logging.ERROR if answer.failed else logging.INFO
        extra = {**told, "milliseconds": round(answer.seconds * 1000, 1), "client": (scope.get("client") or [None])[0]}
        log.log(level, "%s %s %d", *told.values(), extra=extra)

    def _measure(self, scope: Scope, answer: Answer) -> None:
        status = str(answer.status)
        series = self._metrics.requests.labels(_name_method(scope), _name_route(scope, answer.status), status)
        series.observe(answer.seconds)


def _name_method(scope: Scope) -> str:
    """Anybody may make methods up."""
    return scope["method"] if scope["method"] in _METHODS else "other"


def _name_route(scope: Scope, status: int) -> str:
    """The route's template, never the path itself: there are any number of these, and they may hold anything."""
    path = getattr(scope.get("route"), "path", None)
    if isinstance(path, str):
        return path
    return "page" if status < 400 else "none"
