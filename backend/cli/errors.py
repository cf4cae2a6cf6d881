"""Errors of commands: a sentence, or JSON in the API's shape."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from backend.cli.client import ApiError
from backend.cli.output import notes, print_json, quote
from core.command_failures import explain, list_settings
from core.errors import RidgelineError

FAILED = 1
USAGE = 2


def refuse(error: Exception, *, as_json: bool) -> None:
    """Print the error on standard error. Raises unexpected errors."""
    body = describe(error)
    if as_json:
        print_json({"error": body}, error=True, indent=None)
    else:
        notes.print(Text("\n").join(quote(line) for line in _list_lines(body)))


def describe(error: Exception) -> dict[str, Any]:
    """The error in the API's shape; ``request_id`` is empty if no request was made."""
    if isinstance(error, ApiError) and error.body is not None:
        return error.body
    if isinstance(error, RidgelineError):
        detail = _detail(error.field, error.message, error.expected, error.received)
        return _body(error.code, error.message, [detail])
    if isinstance(error, ValidationError):
        details = [_detail(setting, sentence) for setting, sentence in list_settings(error)]
        return _body("invalid_settings", details[0]["message"], details)
    sentence = explain(error)
    if sentence is None:
        raise error
    return _body("database_unavailable" if isinstance(error, SQLAlchemyError) else "system", sentence)


def describe_usage(message: str) -> dict[str, Any]:
    return _body("usage", message)


def _body(code: str, message: str, details: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"code": code, "message": message, "details": details or [], "request_id": ""}


def _detail(field: str | None, message: str, expected: str | None = None, received: Any = None) -> dict[str, Any]:
    shown = received if isinstance(received, str | int | float | bool | None) else str(received)
    return {"field": field, "message": message, "expected": expected, "received": shown}


def _list_lines(body: dict[str, Any]) -> list[str]:
    # The first detail is in the message already.
    more = [_name(detail) for detail in body["details"][1:]]
    return [line for text in (body["message"], *more) for line in text.splitlines()]


def _name(detail: dict[str, Any]) -> str:
    """A detail's message, preceded by its field unless the message has it."""
    field, message = detail["field"], str(detail["message"])
    return message if not field or message.startswith(f"{field}:") else f"{field}: {message}"
