"""Edits that name the version they saw: made once, refused where others came before, never lost."""

from __future__ import annotations

import threading
from typing import Any

import httpx
import pytest

from tests.backend.conftest import Trainer
from tests.servers import LIMITS

Spec = dict[str, Any]


@pytest.fixture
def path(api: httpx.Client, spec: Spec) -> str:
    made = api.post("/api/experiments", json=spec | {"tags": ["a"], "notes": "first"})
    assert made.headers["ETag"] == f'"{made.json()["version"]}"'
    return f"/api/experiments/{made.json()['id']}"


def edit(api: httpx.Client, path: str, change: Spec, match: str) -> httpx.Response:
    return api.patch(path, json=change, headers={"If-Match": match})


def test_an_edit_of_the_version_it_saw_is_made_and_has_the_next(api: httpx.Client, path: str) -> None:
    seen = api.get(path)
    assert seen.headers["ETag"] == f'"{seen.json()["version"]}"'
    answer = edit(api, path, {"notes": "second"}, seen.headers["ETag"])
    assert (answer.status_code, answer.json()["notes"]) == (200, "second")
    assert answer.json()["version"] == seen.json()["version"] + 1
    assert api.get(path).headers["ETag"] == answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    listed = api.get("/api/experiments").json()["items"][0]
    assert listed["version"] == answer.json()["version"]


def test_an_edit_that_others_came_before_is_refused_with_what_is_there_now(api: httpx.Client, path: str) -> None:
    seen = api.get(path).headers["ETag"]
    theirs = "long " * 1_000
    edit(api, path, {"name": "theirs", "notes": theirs, "tags": ["b", "a"]}, seen)
    refused = edit(api, path, {"notes": "mine"}, seen)
    assert refused.status_code == 412
    error = refused.json()["error"]
    now = api.get(path)
    assert error["code"] == "changed_meanwhile"
    assert error["current"] == {"version": 2, "name": "theirs", "notes": theirs, "tags": ["a", "b"]}
    assert error["details"][0]["field"] == "If-Match"
    assert (error["details"][0]["expected"], error["details"][0]["received"]) == (now.headers["ETag"], seen)
    assert refused.headers["ETag"] == now.headers["ETag"]
    assert set(error) == {"code", "message", "details", "request_id", "current"}
    assert now.json()["notes"] == theirs
    assert edit(api, path, {"notes": "mine"}, now.headers["ETag"]).json()["notes"] == "mine"


def test_a_deletion_names_the_version_that_it_is_of(api: httpx.Client, path: str) -> None:
    seen = api.get(path).headers["ETag"]
    edit(api, path, {"tags": ["keep"]}, seen)
    refused = api.delete(path, headers={"If-Match": seen})
    assert (refused.status_code, refused.json()["error"]["current"]["tags"]) == (412, ["keep"])
    assert api.get(path).status_code == 200
    assert api.delete(path, headers={"If-Match": api.get(path).headers["ETag"]}).status_code == 204
    assert api.delete(path, headers={"If-Match": seen}).status_code == 404


def test_a_training_makes_no_edit_fail(api: httpx.Client, path: str, trainer: Trainer) -> None:
    seen = api.get(path)
    (job,) = (job["id"] for job in seen.json()["jobs"])
    trainer.claim(job)
    trainer.record(job, 1, 2)
    assert edit(api, path, {"notes": "while it trains"}, seen.headers["ETag"]).status_code == 200
    api.post(f"{path}/cancel")
    trainer.release(job)
    assert edit(api, path, {"notes": "cancelled"}, '"2"').status_code == 200
    api.post(f"{path}/resume")
    assert edit(api, path, {"notes": "resumed"}, '"3"').status_code == 200


def test_an_edit_whose_answer_was_lost_may_be_sent_again(api: httpx.Client, path: str) -> None:
    for _ in range(2):
        answer = edit(api, path, {"name": "once", "tags": ["y", "x"]}, '"1"')
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')


def test_without_a_version_the_last_one_counts(api: httpx.Client, path: str) -> None:
    assert edit(api, path, {"name": "any"}, "*").status_code == 200
    assert api.patch(path, json={"name": "last"}).json()["version"] == 3
    assert edit(api, path, {"name": "one of them"}, '"1", W/"3"').status_code == 200
    # A tag that is no version is a tag of nothing here.
    assert edit(api, path, {"name": "x"}, '"other"').status_code == 412
    assert edit(api, path, {"name": "x"}, '"04"').status_code == 412


@pytest.mark.parametrize("match", ["1", '"1', "1, 2", '"1" "2"', "", '"' + "1" * 2000 + '"'])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_condition_that_cannot_be_read_is_refused_by_name(api: httpx.Client, path: str, match: str) -> None:
    answer = edit(api, path, {"name": "x"}, match)
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (422, "If-Match")
    assert api.get(path).json()["version"] == 1


def test_of_edits_at_the_same_time_one_is_made(url: str, api: httpx.Client, path: str) -> None:
    answers: list[httpx.Response] = []
    start = threading.Barrier(6)

    def send(number: int) -> None:
        start.wait()
        with httpx.Client(base_url=url, trust_env=False, timeout=30, limits=LIMITS) as client:
            answers.append(edit(client, path, {"notes": f"by {number}"}, '"1"'))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]
    made = next(answer for answer in answers if answer.status_code == 200)
    assert api.get(path).json()["notes"] == made.json()["notes"]
    assert api.get(path).json()["version"] == 2
