"""Experiments over HTTP: made once, listed, annotated, cancelled, deleted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from core.db.models import EpochRow, Experiment, Histogram, Job, Run
from core.db.queries import workers
from core.settings import Settings
from tests.backend.conftest import Trainer

Spec = dict[str, Any]
Sessions = sessionmaker[Session]
Finish = Callable[[Spec], dict[str, Any]]


def count_rows(sessions: Sessions) -> dict[str, int]:
    with sessions() as session:
        tables = (Experiment, Job, Run, EpochRow, Histogram)
        return {t.__tablename__: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


def test_submitting_writes_runs_and_jobs_and_rings(api: httpx.Client, spec: Spec, sessions: Sessions) -> None:
    answer = api.post("/api/experiments", json=spec)
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["Location"] == f"/api/experiments/{made['id']}"
    assert made["state"] == "queued"
    assert made["runs"] == 6
    assert made["regularizers"] == ["none", "l1"]
    assert made["progress"]["epochs"] == 4 * len(made["jobs"])
    assert made["best"] is None
    with sessions() as session:
        assert all(job.rung is not None for job in session.scalars(select(Job)))
        runs = {(run.regularizer, run.strength, run.seed) for run in session.scalars(select(Run))}
    assert runs == {("none", 0.0, s) for s in (0, 1)} | {("l1", x, s) for x in (0.001, 0.01) for s in (0, 1)}


def test_jobs_are_as_many_as_live_trainers(api: httpx.Client, spec: Spec, sessions: Sessions) -> None:
    with sessions.begin() as session:
        for name, trainers in (("a", 2), ("b", 1)):
            workers.register(
                session, name, host=name, pid=1, device="cpu", memory_bytes=None, trainers=trainers, versions={}
            )
    assert api.post("/api/plan", json=spec).json()["jobs"] == 3
    jobs = api.post("/api/experiments", json=spec).json()["jobs"]
    assert sorted(job["runs"] for job in jobs) == [2, 2, 2]


def test_a_key_makes_one_experiment(api: httpx.Client, spec: Spec, sessions: Sessions) -> None:
    header = {"Idempotency-Key": "once"}
    first = api.post("/api/experiments", json=spec, headers=header)
    again = api.post("/api/experiments", json={**spec, "batch_size": 32}, headers=header)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    other = api.post("/api/experiments", json={**spec, "epochs": 5}, headers=header)
    assert other.status_code == 409
    assert other.json()["error"]["details"][0]["field"] == "Idempotency-Key"
    assert count_rows(sessions)["experiments"] == 1


def test_a_key_sent_at_the_same_time_makes_one_experiment(url: str, spec: Spec, sessions: Sessions) -> None:
    answers: list[httpx.Response] = []
    start = threading.Barrier(6)

    def send() -> None:
        start.wait()
        header = {"Idempotency-Key": "race"}
        answers.append(httpx.post(f"{url}/api/experiments", json=spec, headers=header, trust_env=False, timeout=30))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert count_rows(sessions)["experiments"] == 1


def test_a_finished_experiment_names_its_best(finish: Finish, spec: Spec) -> None:
    view = finish(spec)
    assert view["state"] == "completed"
    assert view["progress"]["epochs_done"] == view["progress"]["epochs"]
    assert view["progress"]["seconds_left"] is None
    # Metrics rise with the run's index within its job, and each cell's runs are neighbours.
    assert view["best"]["cell"]["regularizer"] == "l1"
    assert view["best"]["baseline"]["seeds"] == 2
    assert view["best"]["sentence"].startswith("L1, λ = 10⁻")
    assert [cell["strength"] for cell in view["sparklines"]["l1"]] == [0.001, 0.01]


def test_runs_have_their_last_best_and_test_figures(finish: Finish, spec: Spec, api: httpx.Client) -> None:
    view = finish(spec)
    runs = api.get(f"/api/experiments/{view['id']}/runs").json()
    assert len(runs) == 6
    assert {run["state"] for run in runs} == {"completed"}
    for run in runs:
        assert run["last"]["epoch"] == run["best"]["epoch"] == 4
        assert 0.5 <= run["test"]["test_score"] <= 0.9


def test_progress_while_it_runs(api: httpx.Client, trainer: Trainer, spec: Spec, settings: Settings) -> None:
    made = api.post("/api/experiments", json=spec).json()
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1, 2)
    view = api.get(f"/api/experiments/{made['id']}").json()
    assert view["state"] == "running"
    assert view["progress"]["epochs_done"] == 2
    # Seconds of run i in epoch 2 are 2 + i / 100.
    runs = view["jobs"][0]["runs"]
    speed = 2 * runs / (2 + (runs - 1) / 100)
    assert view["progress"]["run_epochs_per_second"] == pytest.approx(speed)
    left = sum((4 - entry["epoch"]) * entry["runs"] for entry in view["jobs"])
    assert view["progress"]["seconds_left"] == pytest.approx(left / speed)


def test_a_failed_job_says_why(api: httpx.Client, trainer: Trainer, spec: Spec) -> None:
    made = api.post("/api/experiments", json=spec).json()
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.fail(job, "mnist is not in the data folder.")
    view = api.get(f"/api/experiments/{made['id']}").json()
    assert view["errors"] == ["mnist is not in the data folder."]


def test_list_is_paged_the_newest_first(api: httpx.Client, spec: Spec) -> None:
    ids = [api.post("/api/experiments", json=spec | {"name": f"number {i}"}).json()["id"] for i in range(5)]
    page = api.get("/api/experiments", params={"limit": 2, "offset": 1}).json()
    assert [item["id"] for item in page["items"]] == [ids[3], ids[2]]
    assert (page["total"], page["offset"], page["limit"]) == (5, 1, 2)


def test_list_filters_by_state_text_and_tag(api: httpx.Client, spec: Spec) -> None:
    names = ["plain", "100 % sure", "under_score", "Upper CASE"]
    for name in names:
        api.post("/api/experiments", json=spec | {"name": name, "tags": [name[:5]], "notes": f"about {name}"})
    cancelled = api.get("/api/experiments").json()["items"][0]["id"]
    api.post(f"/api/experiments/{cancelled}/cancel")

    def find(**parameters: str) -> set[str]:
        return {item["name"] for item in api.get("/api/experiments", params=parameters).json()["items"]}

    assert find(text="%") == {"100 % sure"}
    assert find(text="_") == {"under_score"}
    assert find(text="upper case") == {"Upper CASE"}
    assert find(text="about") == set(names)
    assert find(text="\\") == set()
    assert find(tag="plain") == {"plain"}
    assert find(state="cancelled") == {"Upper CASE"}
    assert find(state="queued", text="sure") == {"100 % sure"}


def test_a_search_knows_every_alphabet_and_looks_into_tags(api: httpx.Client, spec: Spec) -> None:
    for name, tag in (("Über-Netz", "İzmir"), ("e\u0301te\u0301", "ΟΔΟΣ"), ("plain", "50 %")):
        api.post("/api/experiments", json=spec | {"name": name, "tags": [tag]})

    def find(text: str) -> list[str]:
        return [item["name"] for item in api.get("/api/experiments", params={"text": text}).json()["items"]]

    for query in ("über", "ÜBER", "u\u0308ber", "izmir", "İZMİR"):
        assert find(query) == ["Über-Netz"]
    for query in ("été", "ÉTÉ", "οδος", "ΟΔΟΣ"):
        assert find(query) == ["e\u0301te\u0301"]
    assert find("0 %") == ["plain"]
    # Nothing that is seen is looked for.
    assert len(find("\u200b\u200d")) == len(find("")) == 3


def test_annotations_change_alone(api: httpx.Client, spec: Spec) -> None:
    made = api.post("/api/experiments", json=spec | {"tags": ["b", "a", "b"], "notes": "first"}).json()
    assert made["tags"] == ["a", "b"]
    path = f"/api/experiments/{made['id']}"
    view = api.patch(path, json={"name": "<b>bold</b>", "tags": ["c", "b"]}).json()
    assert (view["name"], view["notes"], view["tags"]) == ("<b>bold</b>", "first", ["b", "c"])
    assert view["spec"]["name"] == "<b>bold</b>"
    view = api.patch(path, json={"notes": "second", "tags": []}).json()
    assert (view["name"], view["notes"], view["tags"]) == ("<b>bold</b>", "second", [])
    assert api.get(path).json() == view


def test_cancel_keeps_rows_and_may_be_asked_twice(
    api: httpx.Client, trainer: Trainer, spec: Spec, sessions: Sessions
) -> None:
    made = api.post("/api/experiments", json=spec).json()
    job = made["jobs"][0]["id"]
    trainer.claim(job)
    trainer.record(job, 1)
    before = count_rows(sessions)
    for _ in range(2):
        view = api.post(f"/api/experiments/{made['id']}/cancel").json()
        assert view["state"] == "running"
        assert view["cancel_requested"] is True
    assert count_rows(sessions) == before


def test_delete_waits_for_the_end_and_takes_all_rows(
    api: httpx.Client, trainer: Trainer, spec: Spec, sessions: Sessions
) -> None:
    made = api.post("/api/experiments", json=spec).json()
    job_ids = [job["id"] for job in made["jobs"]]
    trainer.claim(job_ids[0])
    trainer.record(job_ids[0], 1)
    path = f"/api/experiments/{made['id']}"
    refused = api.delete(path)
    assert refused.status_code == 409
    assert "cancel it first" in refused.json()["error"]["message"]
    trainer.release(job_ids[0])
    assert api.delete(path).status_code == 204
    assert set(count_rows(sessions).values()) == {0}
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/cancel"),
        ("GET", "/runs"),
        ("GET", "/metrics"),
        ("GET", "/histograms"),
        ("GET", "/layers"),
        ("GET", "/events"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_not_there_is_404(api: httpx.Client, method: str, path: str) -> None:
    body = {"name": "x"} if method == "PATCH" else None
    answer = api.request(method, f"/api/experiments/7{path}", json=body)
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "There is no experiment 7."


def test_what_failed_is_retried_and_what_was_cancelled_resumed(
    api: httpx.Client, spec: Spec, trainer: Trainer, sessions: Sessions
) -> None:
    made = api.post("/api/experiments", json=spec).json()
    path, (job, *others) = f"/api/experiments/{made['id']}", [job["id"] for job in made["jobs"]]
    for route in ("retry", "resume"):
        answer = api.post(f"{path}/{route}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    trainer.claim(job)
    trainer.record(job, 1, 2)
    trainer.fail(job, "out of memory")
    assert others == []
    view = api.post(f"{path}/retry").json()
    assert (view["state"], view["errors"], view["jobs"][0]["state"]) == ("queued", [], "queued")
    assert view["progress"]["epochs_done"] == 2
    with sessions() as session:
        assert session.get_one(Job, job).rung is not None
    assert api.post(f"{path}/cancel").json()["state"] == "cancelled"
    assert api.post(f"{path}/resume").json()["state"] == "queued"
    assert trainer.claim(job, 2).epoch == 2
    assert api.post("/api/experiments/999999/retry").status_code == 404


def test_an_experiment_that_has_ended_is_extended(
    api: httpx.Client, spec: Spec, finish: Finish, trainer: Trainer
) -> None:
    made = finish(spec)
    path = f"/api/experiments/{made['id']}"
    figures = f"{path}/figures/curves?regularizer=l1"
    before = api.get(figures).json()
    rows = api.get(f"{path}/metrics").json()["runs"]
    answer = api.post(f"{path}/extend", json={"strengths": {"l1": [0.1]}, "seeds": 3})
    assert answer.status_code == 200
    view = answer.json()
    # Two cells' third seed, the baseline's, and three seeds of the new strength.
    assert (view["state"], view["runs"]) == ("running", 6 + 3 + 3)
    assert view["spec"]["regularizers"][0]["strengths"] == [0.001, 0.01, 0.1]
    assert api.post(f"{path}/extend", json={"seeds": 4}).status_code == 409
    trainer.train([job["id"] for job in view["jobs"] if job["state"] == "queued"])
    assert api.get(path).json()["state"] == "completed"
    # What the page has kept of the experiment's first end is not what it shows now.
    assert api.get(figures).json()["total"] > before["total"]
    assert api.get(f"{path}/metrics").json()["runs"][: len(rows)] == rows


@pytest.mark.parametrize(
    ("extension", "status", "field"),
    [
        ({"strengths": {"l1": [-1]}}, 422, "strengths.l1.0"),
        ({"strengths": {"l3": [1]}}, 422, "strengths.l3"),
        ({"seeds": 1}, 422, "seeds"),
        ({"epochs": 4}, 422, "epochs"),
        ({"epochs": "many"}, 422, "epochs"),
        ({"epochs": 10**6}, 422, "epochs"),
        ({"epochs": 40}, 409, "epochs"),
        ({"rate": 1}, 422, "rate"),
        ({}, 422, None),
    ],
)
def test_an_extension_that_does_not_fit_changes_nothing(
    api: httpx.Client, spec: Spec, finish: Finish, sessions: Sessions, extension: Spec, status: int, field: str | None
) -> None:
    made = finish(spec)
    before = count_rows(sessions)
    answer = api.post(f"/api/experiments/{made['id']}/extend", json=extension)
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (status, field)
    assert count_rows(sessions) == before
    assert api.get(f"/api/experiments/{made['id']}").json()["spec"] == made["spec"]


def test_a_key_sent_again_after_an_extension_still_makes_one_experiment(
    api: httpx.Client, spec: Spec, trainer: Trainer, sessions: Sessions
) -> None:
    header = {"Idempotency-Key": "extended"}
    made = api.post("/api/experiments", json=spec, headers=header).json()
    for seeds in (3, 4):
        view = api.get(f"/api/experiments/{made['id']}").json()
        trainer.train([job["id"] for job in view["jobs"] if job["state"] == "queued"])
        assert api.post(f"/api/experiments/{made['id']}/extend", json={"seeds": seeds}).status_code == 200
    again = api.post("/api/experiments", json=spec, headers=header)
    assert (again.status_code, again.json()["id"]) == (200, made["id"])
    assert api.post("/api/experiments", json=spec | {"seeds": 4}, headers=header).status_code == 409
    assert count_rows(sessions)["experiments"] == 1
