"""Coefficients of linear networks over the API."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import numpy as np
import pytest

from backend.experiments import coefficients
from core.catalogue.epoch_values import CoefficientValues
from core.db.queries import jobs
from tests.backend.conftest import Sessions, Trainer

Spec = dict[str, Any]


def submit(api: httpx.Client, spec: Spec, trainer: Trainer, sessions: Sessions) -> tuple[int, dict[int, np.ndarray]]:
    """The id of an experiment that was trained, and the weights of each run."""
    made = api.post("/api/experiments", json=spec).json()
    weights = {}
    for job in made["jobs"]:
        claim = trainer.claim(job["id"])
        values = np.random.default_rng(job["id"]).normal(size=(len(claim.run_ids), 10, 64))
        weights.update(dict(zip(claim.run_ids, values, strict=True)))
        nothing = np.zeros(len(claim.run_ids))
        with sessions.begin() as session:
            own = CoefficientValues(values, values[:, :, 0])
            jobs.complete(session, claim.job_id, claim.token, claim.run_ids, nothing, nothing, own)
    return made["id"], weights


def decode(text: str, *shape: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), "<f8").reshape(shape)


def test_a_path_per_regularizer_and_seed(api: httpx.Client, spec: Spec, trainer: Trainer, sessions: Sessions) -> None:
    spec["regularizers"][0]["strengths"] = [0.01, 0.001]
    experiment, weights = submit(api, spec, trainer, sessions)
    found = api.get(f"/api/experiments/{experiment}/coefficients").json()
    assert found["linear"] is True
    assert found["outputs"] == list("0123456789")
    assert (len(found["features"]), found["features"][:9]) == (64, [*[f"0,{i}" for i in range(8)], "1,0"])
    runs = {run["id"]: run for run in api.get(f"/api/experiments/{experiment}/runs").json()}
    assert [(path["regularizer"], path["seed"]) for path in found["paths"]] == [
        ("none", 0), ("none", 1), ("l1", 0), ("l1", 1),
    ]  # fmt: skip
    for path in found["paths"]:
        assert path["strengths"] == ([0.0] if path["regularizer"] == "none" else [0.001, 0.01])
        own = decode(path["weights"], len(path["runs"]), 10, 64)
        for place, run in enumerate(path["runs"]):
            assert (runs[run]["strength"], runs[run]["seed"]) == (path["strengths"][place], path["seed"])
            assert np.array_equal(own[place], weights[run])
        assert np.array_equal(decode(path["intercepts"], len(path["runs"]), 10), own[:, :, 0])
    assert found["paths"][2]["label"] == "L1"


def test_they_can_be_chosen(api: httpx.Client, spec: Spec, trainer: Trainer, sessions: Sessions) -> None:
    experiment, _ = submit(api, spec, trainer, sessions)
    choices: list[tuple[dict[str, str | int], int]] = [
        ({"regularizer": "l1"}, 2), ({"seed": 1}, 2), ({"regularizer": "l1", "seed": 0}, 1), ({"regularizer": "l2"}, 0),
    ]  # fmt: skip
    for choice, count in choices:
        found = api.get(f"/api/experiments/{experiment}/coefficients", params=choice).json()
        assert len(found["paths"]) == count
        assert all(path[name] == value for path in found["paths"] for name, value in choice.items())


def test_of_what_has_not_ended_there_are_none_yet(api: httpx.Client, spec: Spec, trainer: Trainer) -> None:
    made = api.post("/api/experiments", json=spec).json()
    trainer.claim(made["jobs"][0]["id"])
    found = api.get(f"/api/experiments/{made['id']}/coefficients").json()
    assert (found["linear"], found["paths"]) == (True, [])


def test_other_networks_have_none(api: httpx.Client, spec: Spec, trainer: Trainer) -> None:
    made = api.post("/api/experiments", json=spec | {"network": {"name": "mlp"}}).json()
    trainer.train([job["id"] for job in made["jobs"]])
    found = api.get(f"/api/experiments/{made['id']}/coefficients")
    assert found.status_code == 200
    assert found.json() == {"linear": False, "outputs": [], "features": [], "paths": []}


def test_names_of_tables_classes_and_targets(api: httpx.Client, spec: Spec) -> None:
    names = {}
    for name in ("breast_cancer", "wine", "diabetes", "moons"):
        made = api.post("/api/experiments", json=spec | {"dataset": {"name": name}}).json()
        names[name] = api.get(f"/api/experiments/{made['id']}/coefficients").json()
    assert names["breast_cancer"]["outputs"] == ["benign"]
    assert names["breast_cancer"]["features"][:2] == ["mean radius", "mean texture"]
    assert names["wine"]["outputs"] == ["cultivar 1", "cultivar 2", "cultivar 3"]
    assert names["diabetes"]["outputs"] == ["target"]
    assert names["diabetes"]["features"] == ["age", "sex", "bmi", "bp", *[f"s{i}" for i in range(1, 7)]]
    assert names["moons"]["features"] == ["x", "y"]


def test_too_many_are_refused_with_the_choice_that_helps(
    api: httpx.Client, spec: Spec, trainer: Trainer, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment, _ = submit(api, spec, trainer, sessions)
    monkeypatch.setattr(coefficients, "MAX_BYTES", 2 * 640 * 8)
    path = f"/api/experiments/{experiment}/coefficients"
    for choice, field in (({}, "regularizer"), ({"regularizer": "l1"}, "seed")):
        answer = api.get(path, params=choice)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "too_large")
        assert answer.json()["error"]["details"][0]["field"] == field
    assert api.get(path, params={"regularizer": "l1", "seed": 0}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/experiments/99/coefficients", 404), ("/api/experiments/1/coefficients?seed=-1", 422),
     ("/api/experiments/1/coefficients?regularizer=%00", 422)],
)  # fmt: skip
def test_what_is_wrong_is_refused(api: httpx.Client, path: str, status: int) -> None:
    assert api.get(path).status_code == status


def test_the_figure_draws_the_path_of_one_class(
    api: httpx.Client, spec: Spec, trainer: Trainer, sessions: Sessions
) -> None:
    experiment, weights = submit(api, spec, trainer, sessions)
    url = f"/api/experiments/{experiment}/figures/coefficients"
    found = api.get(url, params={"output": 7}).json()
    figure = found["columns"][0]["figures"]["coefficients"]
    assert figure["layout"]["meta"]["title"] == "Coefficients over λ, class 7"
    assert figure["layout"]["meta"]["outputs"] == list("0123456789")
    drawn = figure["data"][-1]
    feature = [f"pixel {row},{column}" for row in range(8) for column in range(8)].index(drawn["meta"]["features"][0])
    runs = api.get(f"/api/experiments/{experiment}/runs").json()
    expected = [
        np.mean([weights[run["id"]][7, feature] for run in runs if run["strength"] == strength])
        for strength in (0.0, 0.001, 0.01)
    ]
    np.testing.assert_allclose(np.frombuffer(base64.b64decode(drawn["y"]["bdata"]), "<f4"), expected, rtol=1e-5)
    refused = api.get(url, params={"output": 10})
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "output")


def test_other_networks_have_no_path(api: httpx.Client, spec: Spec) -> None:
    made = api.post("/api/experiments", json=spec | {"network": {"name": "mlp", "widths": [4]}}).json()
    assert api.get(f"/api/experiments/{made['id']}/figures/coefficients").json()["columns"] == []
