"""What the settings allow one experiment to hold: refused when it is submitted, and never again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from core.db.models import Experiment
from core.settings import Settings
from core.spec import ExperimentSpec
from tests.backend.conftest import serve

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# By setting: one less than the spec of these tests has, the field that is to blame and its value, and what the
# catalogue calls it.
BOUNDS = {
    "max_epochs": (3, "epochs", 4, "epochs"),
    "max_strengths": (1, "regularizers.0.strengths", 2, "strengths"),
    "max_seeds": (1, "seeds", 2, "seeds"),
    "max_runs": (5, "regularizers", 6, "runs"),
    "max_epoch_rows": (23, "epochs", 4, "epoch_rows"),
}


@pytest.mark.parametrize("setting", BOUNDS)
def test_more_than_a_setting_allows_is_refused(
    settings: Settings, spec: dict[str, Any], sessions: sessionmaker[Session], setting: str
) -> None:
    most, field, received, name = BOUNDS[setting]
    with serve(settings, **{setting: most}) as client:
        for path in ("experiments", "plan"):
            answer = client.post(f"/api/{path}", json=spec)
            assert answer.status_code == 422, answer.text
            error = answer.json()["error"]
            assert error["code"] == "invalid_spec"
            (detail,) = error["details"]
            assert (detail["field"], detail["received"]) == (field, received)
            assert "at most" in detail["expected"]
        assert client.get("/api/catalogue").json()["limits"][name] == most
    with sessions() as session:
        assert session.query(Experiment).count() == 0
    # It is this very number that is in the way.
    with serve(settings, **{setting: most + 1}) as client:
        assert client.post("/api/plan", json=spec).status_code == 200


def test_no_regularizer_more_than_the_setting_allows(settings: Settings, spec: dict[str, Any]) -> None:
    two = spec | {"regularizers": [*spec["regularizers"], {"name": "l2", "strengths": [1]}]}
    with serve(settings, max_regularizers=1) as client:
        assert client.post("/api/plan", json=spec).status_code == 200
        detail = client.post("/api/plan", json=two).json()["error"]["details"][0]
        assert (detail["field"], detail["received"]) == ("regularizers", 2)


def test_what_was_accepted_stays_whatever_the_settings_become(
    settings: Settings, spec: dict[str, Any], sessions: sessionmaker[Session]
) -> None:
    with serve(settings) as client:
        made = client.post("/api/experiments", json=spec).json()
    with serve(settings, **dict.fromkeys(BOUNDS, 1)) as client:
        assert client.post("/api/experiments", json=spec).status_code == 422
        assert client.get(f"/api/experiments/{made['id']}").json()["spec"] == made["spec"]
    # A worker reads it in this way, and knows no other bound.
    with sessions() as session:
        stored = session.get(Experiment, made["id"])
        assert stored is not None
        assert ExperimentSpec.model_validate(stored.spec).epochs == spec["epochs"]
