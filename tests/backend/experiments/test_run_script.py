"""Runs as scripts over the API."""

from __future__ import annotations

import ast
from typing import Any

import httpx

from core.db.models import Run
from tests.backend.conftest import Sessions

Spec = dict[str, Any]


def list_runs(api: httpx.Client, spec: Spec) -> tuple[int, list[dict[str, Any]]]:
    experiment = api.post("/api/experiments", json=spec).json()["id"]
    runs: list[dict[str, Any]] = api.get(f"/api/experiments/{experiment}/runs").json()
    return experiment, runs


def test_every_run_has_its_own_script(api: httpx.Client, spec: Spec) -> None:
    experiment, runs = list_runs(api, spec)
    texts = set()
    for run in runs:
        response = api.get(f"/api/runs/{run['id']}/script")
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/x-python; charset=utf-8"
        assert response.headers["content-disposition"] == f'attachment; filename="ridgeline-run-{run["id"]}.py"'
        said = ast.get_docstring(ast.parse(response.text)) or ""
        assert said.startswith(f"Run {run['id']} of experiment {experiment}: ")
        assert f"SEED = {run['seed']}\n" in response.text
        texts.add(response.text)
    assert len(texts) == len(runs)


def test_it_ends_where_the_run_ended(api: httpx.Client, spec: Spec, sessions: Sessions) -> None:
    _, (first, second, third, *_) = list_runs(api, spec | {"epochs": 9})
    with sessions.begin() as session:
        session.get_one(Run, first["id"]).diverged_epoch = 3
        for run, reason in ((second, "tolerance"), (third, "early_stopping")):
            session.get_one(Run, run["id"]).stopped_epoch = 4
            session.get_one(Run, run["id"]).stopped_by = reason
    one, two, three = (api.get(f"/api/runs/{run['id']}/script").text for run in (first, second, third))
    assert "range(1, 3 + 1):  # of EPOCHS: it diverged then" in one
    assert "range(1, 4 + 1):  # of EPOCHS: it had reached the tolerance" in two
    assert "range(1, EPOCHS + 1):" in three


def test_what_has_no_script_is_refused_in_the_one_shape(api: httpx.Client, spec: Spec) -> None:
    _, (run, *_) = list_runs(api, spec | {"network": {"name": "cnn"}})
    response = api.get(f"/api/runs/{run['id']}/script")
    assert response.status_code == 409
    error = response.json()["error"]
    assert error["code"] == "no_script"
    assert error["message"] == "There is no script of this run yet: the network cnn is not written as one."
    assert (error["details"][0]["field"], error["details"][0]["received"]) == ("network.name", "cnn")


def test_a_run_that_is_not_there_is_not_found(api: httpx.Client) -> None:
    response = api.get("/api/runs/7/script")
    assert (response.status_code, response.json()["error"]["message"]) == (404, "There is no run 7.")
