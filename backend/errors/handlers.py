"""Exception handlers: every error becomes a response in the one JSON shape."""

from __future__ import annotations

import logging
from json import JSONDecodeError
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from backend.errors.responses import answer_domain_error, make_error_response
from backend.errors.validation import explain, make_json_safe
from backend.errors.validation_messages import prefix_label
from backend.experiments.etags.version_etag import format_version_etag
from backend.middleware.request_id import get_request_id
from backend.schemas.annotations import Annotations
from backend.schemas.errors import ErrorDetail
from core.db.disk_space import FULL
from core.errors import RidgelineError, StaleVersionError

log = logging.getLogger("ridgeline.errors")

_CODES = {404: "not_found", 405: "method_not_allowed", 406: "not_acceptable", 413: "body_too_large"}

# Routes whose input never appears in an error.
_SECRET = ("/api/session",)


def add_handlers(app: FastAPI) -> None:
    """Answer every error of ``app`` in the one shape."""
    handlers: dict[Any, Any] = {
        RidgelineError: answer_domain_error,
        StaleVersionError: _answer_stale,
        RequestValidationError: _answer_validation,
        HTTPException: _answer_http,
        OperationalError: _answer_database,
        PoolTimeoutError: _answer_database,
        Exception: _answer_unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _answer_stale(request: Request, error: StaleVersionError) -> JSONResponse:
    """With the present version, so that the editor can show both."""
    detail = ErrorDetail(field=error.field, message=error.message, expected=error.expected, received=error.received)
    current = Annotations.model_validate(error, from_attributes=True)
    headers = {"ETag": format_version_etag(error.version)}
    return make_error_response(request, error.status, error.code, error.message, [detail], headers, current)


def _answer_validation(request: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        cause = error.__cause__
        place = f" at line {cause.lineno}, column {cause.colno}" if isinstance(cause, JSONDecodeError) else ""
        return _refuse_json(request, f"{first['ctx']['error']}{place}")
    errors = error.errors()
    if request.scope["path"] in _SECRET:
        errors = [{**each, "input": "(not shown)"} for each in errors]
    details = explain(errors, error.body)
    count = len(errors)
    more = f" ({count - 1} more.)" if count > 1 else ""
    code = "invalid_spec" if first["loc"][0] == "body" else "invalid_input"
    first_label = details[0].label or details[0].field or "body"
    return make_error_response(request, 422, code, f"{prefix_label(first_label, details[0].message)}{more}", details)


def _refuse_json(request: Request, reason: str) -> JSONResponse:
    message = f"The body is not valid JSON: {reason}."
    detail = ErrorDetail(field="body", message=message, expected="one JSON object")
    return make_error_response(request, 400, "malformed_json", message, [detail])


def _answer_http(request: Request, error: HTTPException) -> JSONResponse:
    cause = error.__cause__
    if error.status_code == 400 and isinstance(cause, RecursionError | ValueError):
        return _refuse_json(request, _name_cause(cause))
    if error.status_code == 404 and error.detail == "Not Found":
        message = f"Not found: {make_json_safe(request.url.path)}."
    elif error.status_code == 405:
        return _refuse_method(request)
    else:
        message = str(error.detail)
    code, status = _CODES.get(error.status_code, "error"), error.status_code
    details = [ErrorDetail(field="body", message=message, expected=message)] if status == 413 else []
    return make_error_response(request, status, code, message, details, headers=error.headers)


def _refuse_method(request: Request) -> JSONResponse:
    # The error itself knows the methods of one route only, where several share the path.
    found = [route for route in request.app.routes if route.matches({**request.scope})[0] is not Match.NONE]
    allowed = ", ".join(sorted({method for route in found for method in getattr(route, "methods", None) or ()}))
    message = f"{make_json_safe(request.method)} is not allowed here; allowed: {allowed}."
    return make_error_response(request, 405, "method_not_allowed", message, headers={"Allow": allowed})


def _name_cause(cause: BaseException) -> str:
    if isinstance(cause, RecursionError):
        return "it is nested too deeply"
    return "it is not UTF-8" if isinstance(cause, UnicodeDecodeError) else "a number has too many digits"


def _answer_database(request: Request, error: DBAPIError | PoolTimeoutError) -> JSONResponse:
    if isinstance(error, DBAPIError) and request.app.state.shared.disk_space.explains(error):
        log.error("the disk of the database is full: %s", error)
        return make_error_response(request, 507, "disk_full", FULL, headers={"Retry-After": "30"})
    log.error("the database does not answer: %s", error)
    message = "The database does not answer; try again in a moment."
    return make_error_response(request, 503, "database_unavailable", message, headers={"Retry-After": "2"})


def _answer_unexpected(request: Request, error: Exception) -> JSONResponse:
    # The server itself logs the traceback.
    identity = get_request_id(request)
    log.error("unexpected error: %r", error)
    return make_error_response(request, 500, "internal", f"Internal error; the log has it under request {identity}.")
