"""The error responses of routes, as OpenAPI describes them."""

from __future__ import annotations

from typing import Any

from backend.schemas.errors import ErrorResponse

BODY_ERRORS = (400, 413, 415, 422)
_DESCRIPTIONS = {
    400: "Malformed JSON",
    401: "Not authenticated",
    403: "Not allowed for this role, or sent by another site",
    404: "Not found",
    406: "No acceptable representation",
    409: "Not allowed in the current state",
    412: "Changed meanwhile; `current` is the current version",
    413: "Body too large",
    415: "Body not `application/json`",
    421: "Host not in the allow-list",
    422: "Invalid input; `details` lists each field",
    429: "Too many requests or live streams; `Retry-After` gives the wait in seconds",
    503: "Not ready",
}


def document_errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that can fail with these statuses."""
    return {status: {"model": ErrorResponse, "description": _DESCRIPTIONS[status]} for status in sorted(statuses)}
