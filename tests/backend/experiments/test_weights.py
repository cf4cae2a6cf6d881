"""The weights of finished runs, as files; and why there is none."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from core.db.models import Run
from core.db.queries import jobs
from core.settings import Settings
from tests.backend.conftest import Trainer

Spec = dict[str, Any]
NAMES = [f"{place:08d}-0123abcd.weights.safetensors" for place in range(6)]


def complete(sessions: sessionmaker[Session], claim: jobs.Claim, names: list[str | None]) -> None:
    with sessions.begin() as session:
        tests = np.linspace(0.5, 0.9, 6)
        jobs.complete(session, claim.job_id, claim.token, claim.run_ids, tests, tests, weights=names)


def test_a_finished_runs_weights_are_handed_out(
    api: httpx.Client, trainer: Trainer, spec: Spec, sessions: sessionmaker[Session], settings: Settings
) -> None:
    """Nothing before the end, nothing of a diverged run, and nothing but weights, whatever the database names."""
    made = api.post("/api/experiments", json=spec).json()
    path, job = f"/api/experiments/{made['id']}/runs", made["jobs"][0]["id"]
    claim = trainer.claim(job)

    def explain(run: int, status: int) -> dict[str, Any]:
        answer = api.get(f"{path}/{claim.run_ids[run]}/weights")
        assert answer.status_code == status, answer.text
        error: dict[str, Any] = answer.json()["error"]
        return error

    assert explain(0, 409)["details"][0]["received"] == "running"
    trainer.record(job, 1, 2, diverged=(5,))
    complete(sessions, claim, [*NAMES[:4], None, None])
    assert settings.checkpoint_folder is not None
    folder = settings.checkpoint_folder / f"job-{job}"
    folder.mkdir(parents=True)
    for name in NAMES[:3]:
        (folder / name).write_bytes(name.encode())
    for run, name in zip(claim.run_ids, NAMES[:3], strict=False):
        answer = api.get(f"{path}/{run}/weights")
        assert (answer.status_code, answer.content) == (200, name.encode())
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == f'attachment; filename="run-{run}.safetensors"'
    missing, unkept, diverged = (explain(run, 404) for run in (3, 4, 5))
    assert {error["code"] for error in (missing, unkept, diverged)} == {"no_weights"}
    assert "RIDGELINE_CHECKPOINT_FOLDER" in missing["message"]
    assert "RIDGELINE_KEEP_WEIGHTS" in unkept["message"]
    assert "diverged" in diverged["message"]
    (settings.checkpoint_folder / "secret").write_bytes(b"secret")
    with sessions.begin() as session:
        session.execute(update(Run).where(Run.id == claim.run_ids[0]).values(weights="../secret"))
    assert explain(0, 404)["code"] == "no_weights"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_run_of_another_experiment_has_none_here(api: httpx.Client, trainer: Trainer, spec: Spec) -> None:
    one, other = (api.post("/api/experiments", json=spec).json() for _ in range(2))
    run = api.get(f"/api/experiments/{other['id']}/runs").json()[0]["id"]
    answer = api.get(f"/api/experiments/{one['id']}/runs/{run}/weights")
    assert (answer.status_code, answer.json()["error"]["message"]) == (404, f"There is no run {run}.")
