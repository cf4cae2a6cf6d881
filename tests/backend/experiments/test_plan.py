"""The plan of a spec, before it is submitted."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.db.queries import workers
from tests.backend.conftest import Trainer

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@sqlite_only
def test_plan_estimates_from_what_was(
    api: httpx.Client, trainer: Trainer, spec: dict[str, Any], sessions: sessionmaker[Session]
) -> None:
    plan: dict[str, Any] = {"runs": 6, "jobs": 1, "weights": 650, "seconds": None, "without_effect": []}
    assert api.post("/api/plan", json=spec).json() == plan
    made = api.post("/api/experiments", json=spec).json()
    trainer.train([made["jobs"][0]["id"]])
    with sessions.begin() as session:
        workers.register(session, "worker", host="here", pid=1, device="cpu", memory_bytes=1, trainers=1, versions={})
    # The newest row says 4.05 seconds for 6 runs of 4 epochs.
    assert api.post("/api/plan", json=spec).json()["seconds"] == pytest.approx(4.05)
    assert api.post("/api/plan", json=spec | {"epochs": 8}).json()["seconds"] == pytest.approx(8.1)
