"""Ridgelines over the API: of each run the newest histogram up to the epoch that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx


def read(api: httpx.Client, experiment: int, **query: str | int) -> dict[str, Any]:
    answer = api.get(f"/api/experiments/{experiment}/figures/ridgelines", params=query)
    assert answer.status_code == 200, answer.text
    meta: dict[str, Any] = answer.json()["columns"][0]["figures"]["ridgelines"]["layout"]["meta"]
    return meta


def test_the_newest_by_default_or_the_last_up_to_an_epoch(
    api: httpx.Client, spec: dict[str, Any], finish: Callable[..., dict[str, Any]]
) -> None:
    experiment = finish(spec | {"epochs": 12})["id"]
    meta = read(api, experiment)
    assert (meta["epochs"], meta["epoch"], meta["layers"], meta["earlier"]) == ([1, 10], 10, ["output"], 0)
    assert (meta["shown"], meta["total"]) == (6, 6)
    earlier = read(api, experiment, epoch=9)
    assert (earlier["epoch"], earlier["earlier"], earlier["shown"]) == (9, 6, 6)
    assert read(api, experiment, epoch=0)["empty"] == "No histogram is recorded yet"


def test_a_layer_that_the_network_lacks_is_refused_with_those_that_it_has(
    api: httpx.Client, spec: dict[str, Any], finish: Callable[..., dict[str, Any]]
) -> None:
    experiment = finish(spec)["id"]
    assert read(api, experiment, layer="output")["layer"] == "output"
    answer = api.get(f"/api/experiments/{experiment}/figures/ridgelines", params={"layer": "hidden1"})
    assert answer.status_code == 422
    (detail,) = answer.json()["error"]["details"]
    assert (detail["field"], detail["expected"]) == ("layer", "one of: output")


def test_before_the_first_epoch_there_is_nothing_to_choose_from(api: httpx.Client, spec: dict[str, Any]) -> None:
    made = api.post("/api/experiments", json=spec).json()
    meta = read(api, made["id"], layer="hidden1")
    assert (meta["epochs"], meta["layers"], meta["shown"]) == ([], [], 0)
