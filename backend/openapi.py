"""The API's description: `python -m backend.openapi` writes frontend/openapi.json, from which the client is made."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from backend.live.schemas import LiveUpdate
from backend.middleware.guard import OPEN
from backend.schemas import EndEvent, EpochEvent, ErrorResponse, ResetEvent, StateEvent
from core.settings import Settings

TARGET = Path(__file__).resolve().parent.parent / "frontend" / "openapi.json"
_TOKEN: dict[str, Any] = {
    "type": "http",
    "scheme": "bearer",
    "description": "Where this installation has a token. The page holds a session's cookie instead.",
}
_EVENTS = (StateEvent, EpochEvent, ResetEvent, EndEvent, LiveUpdate)


def describe(app: FastAPI) -> None:
    """Complete the description that FastAPI makes: the stream's events, and this API's own shape of errors."""
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
            if (method.upper(), path) in OPEN:
                operation["security"] = []
    return schema


def _correct_error_types(responses: dict[str, Any]) -> None:
    """Errors are JSON on a route of another type too."""
    for status, response in responses.items():
        if int(status) >= 400 and "content" in response:
            response["content"] = {"application/json": next(iter(response["content"].values()))}


def render() -> str:
    """The description as stable text: keys in the order of the code, two spaces."""
    from backend.app import create_app

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(home=Path(folder)))
        return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")
    arguments = parser.parse_args()
    text = render()
    if not arguments.check:
        TARGET.parent.mkdir(exist_ok=True)
        TARGET.write_text(text, encoding="utf-8")
    elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{TARGET.name} is out of date; write it anew with: python -m backend.openapi")


if __name__ == "__main__":
    main()
