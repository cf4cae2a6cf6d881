"""Nothing that is sent is without a bound: every text, list and integer of the API, the depth of JSON, and headers."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.app import create_app
from core.settings import Settings

SINGLE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Schema = dict[str, Any]


def find_unbounded(schema: Schema, where: str, components: Schema, seen: frozenset[str]) -> Iterator[str]:
    """The places below ``schema`` that take as much as one likes."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        if name not in seen:
            yield from find_unbounded(components[name], where, components, seen | {name})
        return
    members = [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]
    parts = [(where, member) for member in members]
    parts += [(f"{where}.{name}", part) for name, part in schema.get("properties", {}).items()]
    parts += [(f"{where}[]", schema["items"])] if "items" in schema else []
    for name in ("additionalProperties", "propertyNames"):
        parts += [(f"{where}{{{name}}}", schema[name])] if isinstance(schema.get(name), dict) else []
    if is_unbounded(schema):
        yield where
    for place, part in parts:
        yield from find_unbounded(part, place, components, seen)


def is_unbounded(schema: Schema) -> bool:
    if "const" in schema or "enum" in schema:
        return False
    match schema.get("type"):
        case "string":
            return "maxLength" not in schema
        case "array":
            return "maxItems" not in schema
        case "integer":
            return not (
                schema.keys() & {"maximum", "exclusiveMaximum"} and schema.keys() & {"minimum", "exclusiveMinimum"}
            )
        case "object":
            # What is named holds; what is not is passed over, or is all there is.
            return "properties" not in schema and "maxProperties" not in schema
    return False


def list_inputs(api: Schema) -> Iterator[tuple[str, Schema]]:
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            place = f"{method.upper()} {path}"
            for parameter in operation.get("parameters", []):
                yield f"{place} {parameter['name']}", parameter["schema"]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield f"{place} body", content["schema"]


def test_every_text_list_and_integer_has_a_bound(tmp_path: Path) -> None:
    api = create_app(Settings(home=tmp_path)).openapi()
    inputs = list(list_inputs(api))
    assert len(inputs) > 30
    found = [
        place
        for name, schema in inputs
        for place in find_unbounded(schema, name, api["components"]["schemas"], frozenset())
    ]
    assert found == []


def nest(depth: int, *, lists: bool) -> str:
    return "[" * depth + "]" * depth if lists else '{"a":' * depth + "1" + "}" * depth


@SINGLE
@pytest.mark.parametrize("lists", [True, False])
def test_deep_json_is_refused_wherever_it_stands(api: httpx.Client, spec: dict[str, Any], lists: bool) -> None:
    kind = {"Content-Type": "application/json"}
    # Python's own limit is near 1,000; the answer, which tells what was received, must not come to it either.
    for depth in (2, 200, 900, 985, 995, 2_000, 50_000):
        deep = nest(depth, lists=lists)
        filled = (json.dumps(spec | {field: "DEEP"}) for field in (*spec, "notes", "tags", "colour"))
        for body in (deep, *(text.replace('"DEEP"', deep) for text in filled)):
            answer = api.post("/api/experiments", content=body, headers=kind)
            # The deepest hold more than a body may.
            assert answer.status_code in (400, 413, 422), (depth, body[:200], answer.text[:500])
            assert answer.json()["error"]["details"]
            assert len(answer.content) < 20_000
        answer = api.patch("/api/experiments/1", content=f'{{"notes": {deep}}}', headers=kind)
        assert answer.status_code in (400, 413, 422)


@SINGLE
def test_headers_that_are_too_large_are_refused(url: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(f"GET /api/health HTTP/1.1\r\nHost: {host}:{port}\r\n".encode())
        answer = b""
        try:
            # Half a megabyte and more, and no end of it.
            for index in range(9_000):
                connection.sendall(f"X-{index}: {'x' * 60}\r\n".encode())
            answer = connection.recv(100)
        except ConnectionError:
            return
        assert answer.startswith(b"HTTP/1.1 4") or answer == b""
