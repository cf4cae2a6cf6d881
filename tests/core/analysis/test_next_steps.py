"""Next steps are legal extensions that are not there yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.cells import Cell
from core.analysis.design import Design
from core.analysis.next_steps import NextStep, suggest_steps
from core.analysis.resolution import Resolution
from core.analysis.selection import Edge, Selection
from core.spec.regularizer import REGULARIZER_CLASSES


def suggest(
    regularizer: str, strengths: Sequence[float], best: float, edge: Edge | None = None, **given: Any
) -> list[NextStep]:
    cell = Cell(regularizer, best, 3, 0.9, 0.01, 0.3, 0.1)
    selection = Selection(cell, cell, 0.01, edge, len(strengths))
    given["design"] = Design(seeds=given.pop("seeds", 3))
    choices = {"most_seeds": 100, "resolution": None, "is_legal": lambda strength: strength >= 0} | given
    return suggest_steps(regularizer, strengths, selection, choices.pop("resolution"), **choices)


def test_at_the_edge_the_grid_goes_on_first() -> None:
    steps = suggest("l2", [1e-4, 1e-3, 1e-2], 1e-2, "strongest")
    assert [step.kind for step in steps] == ["beyond", "between"]
    assert steps[0].strengths == {"l2": [0.1, 1.0, 10.0]}
    assert steps[0].label == "Try λ = 0.1, 1, 10 beyond the edge"


def test_within_the_grid_it_is_refined() -> None:
    (step,) = suggest("l2", [1e-4, 1e-2, 1], 1e-2)
    assert (step.kind, step.strengths) == ("between", {"l2": [1e-3, 0.1]})


def test_what_is_illegal_or_there_already_is_not_suggested() -> None:
    legal = REGULARIZER_CLASSES["dropout"].legal.holds
    (beyond, between) = suggest("dropout", [0.5, 0.7], 0.7, "strongest", is_legal=legal)
    assert beyond.strengths == {"dropout": [0.9]}
    assert between.strengths == {"dropout": [0.6]}
    assert suggest("dropout", [0.5, 0.6, 0.7], 0.6, is_legal=lambda _: False) == []


@pytest.mark.parametrize(("now", "needed", "expected"), [(1, None, 3), (3, 12, 12), (3, 31, None), (3, None, None)])
def test_as_many_seeds_as_would_settle_it(now: int, needed: int | None, expected: int | None) -> None:
    resolution = None if needed is None else Resolution(0.1, 0.05, 0.05, needed, None)
    steps = suggest("l2", [0.1], 0.1, seeds=now, resolution=resolution)
    assert [step.seeds for step in steps if step.kind == "seeds"] == ([] if expected is None else [expected])


@given(st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=6, unique=True), st.data())
def test_no_step_repeats_a_strength(strengths: list[float], data: st.DataObject) -> None:
    edges: list[Edge | None] = ["weakest", "strongest", None]
    edge = data.draw(st.sampled_from(edges))
    for step in suggest("l1", strengths, data.draw(st.sampled_from(strengths)), edge):
        added = step.strengths["l1"]
        assert len({*added, *strengths}) == len(added) + len(strengths)
