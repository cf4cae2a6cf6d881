"""`ridgeline compare`: verdicts and differences, and refusals in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from tests.backend.cli.test_output_and_exit_status import read_error, run, sqlite_only
from tests.backend.experiments.test_answer import sweep

__all__ = ["sweep"]


@sqlite_only
def test_it_prints_the_verdicts_and_a_table_of_what_differs(
    url: str, api: httpx.Client, sweep: Callable[..., dict[str, Any]]
) -> None:
    one, other = (str(sweep(name="a [red]name[/]", batch_size=size)["id"]) for size in (16, 32))
    found = api.get("/api/comparison", params={"experiment": [one, other], "metric": "loss"}).json()
    status, said, noted = run("compare", one, other, "--metric", "loss", url=url)
    assert (status, noted) == (0, "")
    for sentence in (found["sentence"], *(verdict["sentence"] for verdict in found["verdicts"])):
        assert f"{sentence}\n" in said
    *_, titles, row = (line.split() for line in said.splitlines())
    assert titles == ["Field", f"#{one}", f"#{other}"]
    assert row == ["Batch", "size", "16", "32"]
    status, said, _ = run("compare", one, other, "--metric", "loss", "--json", url=url)
    assert (status, json.loads(said)) == (0, found)


@sqlite_only
def test_specs_that_are_the_same_are_said_to_be(url: str, sweep: Callable[..., dict[str, Any]]) -> None:
    status, said, _ = run("compare", *(str(sweep(name=name)["id"]) for name in ("one", "other")), url=url)
    assert status == 0
    assert said.endswith("Their specs are the same.\n")


@sqlite_only
def test_too_few_too_many_and_missing_ones_are_refused_in_a_sentence(
    url: str, sweep: Callable[..., dict[str, Any]]
) -> None:
    made = str(sweep()["id"])
    for ids, sentence in (
        ((made,), "Two to six experiments can be compared; received 1."),
        (tuple("1234567"), "Two to six experiments can be compared; received 7."),
        ((made, "99"), "There is no experiment 99."),
    ):
        status, said, noted = run("compare", *ids, url=url)
        assert (status, said, noted.strip()) == (1, "", sentence)
    assert read_error(run("compare", made, "99", "--json", url=url)[2]) == ("not_found", "There is no experiment 99.")
    assert run("compare", url=url)[0] == 2
    assert run("compare", "x", made, url=url)[0] == 2
