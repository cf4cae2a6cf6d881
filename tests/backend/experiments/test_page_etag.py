"""The list's entity tag: the same while nothing on the page changes, another one whenever something does."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from backend.experiments.etags.page_etag import matches_etag
from tests.backend.conftest import Trainer

Spec = dict[str, Any]
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def read(api: httpx.Client, **query: Any) -> tuple[str, Any]:
    answer = api.get("/api/experiments", params=query)
    assert answer.status_code == 200
    return answer.headers["ETag"], answer.json()


def ask_again(api: httpx.Client, tag: str, /, **query: Any) -> httpx.Response:
    return api.get("/api/experiments", params=query, headers={"If-None-Match": tag})


def test_an_unchanged_page_is_answered_with_nothing(api: httpx.Client, spec: Spec, trainer: Trainer) -> None:
    for _ in range(2):
        api.post("/api/experiments", json=spec)
    trainer.train([1])
    for query in ({}, {"limit": 1}, {"offset": 1}, {"text": "sweep"}, {"state": "queued"}, {"tag": "none"}):
        tag, _ = read(api, **query)
        answer = ask_again(api, tag, **query)
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    assert ask_again(api, 'W/"another"').status_code == 200
    assert len({read(api, **query)[0] for query in ({}, {"offset": 1}, {"limit": 1})}) == 3


def test_every_change_gives_another_tag(api: httpx.Client, spec: Spec, trainer: Trainer) -> None:
    path = "/api/experiments/1"
    changes: list[Callable[[], object]] = [
        lambda: api.post("/api/experiments", json=spec),
        lambda: api.patch(path, json={"name": "another"}),
        lambda: api.patch(path, json={"tags": ["new"]}),
        lambda: api.patch(path, json={"tags": ["newer"]}),
        lambda: trainer.claim(1),
        lambda: trainer.record(1, 1),
        lambda: trainer.record(1, 2),
        lambda: api.post(f"{path}/cancel"),
        lambda: trainer.fail(1, "it broke"),
        lambda: api.post(f"{path}/retry"),
        lambda: trainer.train([1]),
        lambda: api.post(f"{path}/extend", json={"strengths": {"l1": [0.1]}}),
        lambda: api.post("/api/experiments", json=spec),
        lambda: api.delete("/api/experiments/2"),
    ]
    for number, change in enumerate(changes):
        tag, _ = read(api)
        change()
        answer = ask_again(api, tag)
        assert answer.status_code == 200, number
        assert answer.headers["ETag"] != tag, number


@sqlite_only
@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_equal_tags_are_of_equal_pages(
    api: httpx.Client, spec: Spec, trainer: Trainer, seed: int
) -> None:
    chance = random.Random(seed)
    pages: dict[str, Any] = {}
    for step in range(40):
        listed = api.get("/api/experiments").json()["items"]
        one = chance.choice(listed)["id"] if listed else 0
        jobs = [job["id"] for job in api.get(f"/api/experiments/{one}").json()["jobs"]] if one else []
        match chance.randrange(8):
            case 0 | 1:
                api.post("/api/experiments", json=spec | {"name": f"number {step}"})
            case 2:
                api.patch(f"/api/experiments/{one}", json={"name": f"changed {step}"})
            case 3:
                api.post(f"/api/experiments/{one}/{chance.choice(('cancel', 'retry', 'resume'))}")
            case 4:
                api.delete(f"/api/experiments/{one}")
            case 5 if jobs and api.get(f"/api/experiments/{one}").json()["state"] == "queued":
                trainer.train(jobs[-1:])
        tag, page = read(api)
        for item in page["items"]:
            # It is of the moment of the answer.
            item["progress"].pop("seconds")
        assert pages.setdefault(tag, page) == page
    assert len(pages) > 10


@sqlite_only
def test_what_is_running_is_never_the_same_for_long(api: httpx.Client, spec: Spec, trainer: Trainer) -> None:
    """How long it has taken is on the page, and goes on."""
    api.post("/api/experiments", json=spec)
    trainer.claim(1)
    tags = {read(api)[0]}
    while len(tags) < 2:
        tags.add(read(api)[0])
    trainer.record(1, 1, 2, 3, 4)
    trainer.complete(1)
    assert read(api)[0] == read(api)[0]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('W/"a"', True),
        ('"a"', True),
        ('"b", W/"a"', True),
        ("*", True),
        ('W/"b"', False),
        ("a", False),
        ("", False),
        (None, False),
    ],
)
def test_tags_are_compared_weakly(given: str | None, expected: bool) -> None:
    assert matches_etag('W/"a"', given) is expected
