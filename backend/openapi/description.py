"""What FastAPI's description of the API lacks: the events of the streams, the error shape, the token."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from backend.middleware.guard import PUBLIC_ROUTES
from backend.schemas.errors import ErrorResponse
from backend.schemas.events import EndEvent, EpochEvent, ResetEvent, StateEvent
from backend.schemas.live import LiveUpdate

_TOKEN: dict[str, Any] = {
    "type": "http",
    "scheme": "bearer",
    "description": "If this installation has a token. The page uses a session cookie instead.",
}
_EVENTS = (StateEvent, EpochEvent, ResetEvent, EndEvent, LiveUpdate)


def complete_description(app: FastAPI) -> None:
    """Complete the description that FastAPI makes."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _complete(plain())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend its description


def _complete(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema["components"]["schemas"]
    models = [(model, "serialization") for model in (*_EVENTS, ErrorResponse)]
    _, found = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]  # a literal, not any str
    for name, definition in found["$defs"].items():
        components.setdefault(name, definition)
    schema["components"]["securitySchemes"] = {"token": _TOKEN}
    schema["security"] = [{"token": []}]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _correct_error_types(operation["responses"])
            if (method.upper(), path) in PUBLIC_ROUTES:
                operation["security"] = []
    return schema


def _correct_error_types(responses: dict[str, Any]) -> None:
    """Errors are JSON on a route of another type too."""
    for status, response in responses.items():
        if int(status) >= 400 and "content" in response:
            response["content"] = {"application/json": next(iter(response["content"].values()))}
