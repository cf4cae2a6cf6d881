"""The app as a whole: which answers are compressed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.backend.conftest import Trainer


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_large_answers_are_compressed_and_events_are_not(
    api: httpx.Client, spec: dict[str, Any], trainer: Trainer
) -> None:
    assert api.get("/api/catalogue").headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in api.get("/api/health").headers
    made = api.post("/api/experiments", json=spec).json()
    trainer.train([made["jobs"][0]["id"]])
    assert "Content-Encoding" not in api.get(f"/api/experiments/{made['id']}/events").headers
