"""The OpenAPI description: up to date, complete, and its examples work."""

from __future__ import annotations

import httpx
import pytest

from backend.openapi.__main__ import render

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_description_for_the_pages_client_is_up_to_date() -> None:
    for path, text in render().items():
        assert path.read_text(encoding="utf-8") == text, f"regenerate {path.name} with: python -m backend.openapi"


@sqlite_only
def test_every_route_has_a_summary_and_every_error_one_shape(api: httpx.Client) -> None:
    schema = api.get("/api/openapi.json").json()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    reference = answer["content"]["application/json"]["schema"]["$ref"]
                    assert reference == "#/components/schemas/ErrorResponse", (method, path, status)
    assert "HTTPValidationError" not in schema["components"]["schemas"]


@sqlite_only
def test_examples_work_as_they_stand(api: httpx.Client) -> None:
    schema = api.get("/api/openapi.json").json()
    body = schema["paths"]["/api/experiments"]["post"]["requestBody"]["content"]["application/json"]
    for example in body["examples"].values():
        assert api.post("/api/experiments", json=example["value"]).status_code == 201
    assert api.post("/api/experiments", json=api.get("/api/demonstration").json()).status_code == 201
