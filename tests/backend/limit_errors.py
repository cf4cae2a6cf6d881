"""The error response of a client that exceeds a limit."""

from __future__ import annotations

import httpx


def check_limit_error(answer: httpx.Response, expected: str) -> int:
    """The response says that there are too many; its Retry-After, in seconds."""
    assert answer.status_code == 429, answer.text
    error = answer.json()["error"]
    assert error["code"] in ("too_many_requests", "too_many_streams")
    assert expected in error["message"]
    assert error["request_id"] == answer.headers["X-Request-ID"]
    return int(answer.headers["Retry-After"])
