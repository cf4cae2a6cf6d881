"""Error responses in the one JSON shape."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import JSONResponse

from backend.errors.exceptions import TooManyError
from backend.errors.field_labels import label_path
from backend.errors.validation import make_json_safe
from backend.middleware.request_id import get_request_id
from backend.middleware.security_headers import HEADERS
from backend.schemas.annotations import Annotations
from backend.schemas.errors import ErrorBody, ErrorDetail, ErrorResponse
from core.errors import InvalidSpecError, RidgelineError


def make_error_response(
    request: Request,
    status: int,
    code: str,
    message: str,
    details: list[ErrorDetail] | None = None,
    headers: Mapping[str, str] | None = None,
    current: Annotations | None = None,
) -> JSONResponse:
    """The response to a failed request."""
    request_id = get_request_id(request)
    body = ErrorBody(code=code, message=message, details=details or [], request_id=request_id, current=current)
    # Set here too: the response to an unexpected error passes no middleware.
    own = {**HEADERS, **(headers or {}), "X-Request-ID": request_id, "Cache-Control": "no-store"}
    left_out = {"error": {"current"}} if current is None else None
    return JSONResponse(ErrorResponse(error=body).model_dump(mode="json", exclude=left_out), status, headers=own)


def answer_domain_error(request: Request, error: RidgelineError) -> JSONResponse:
    """The response to a domain error."""
    detail = ErrorDetail(
        field=error.field,
        label=label_path(error.field) if isinstance(error, InvalidSpecError) else None,
        message=error.message,
        expected=error.expected,
        received=make_json_safe(error.received),
    )
    headers = {"Retry-After": str(error.retry_seconds)} if isinstance(error, TooManyError) else None
    details: list[ErrorDetail] = getattr(error, "details", [detail])
    return make_error_response(request, error.status, error.code, error.message, details, headers)
