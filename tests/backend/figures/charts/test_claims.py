"""Charts of claims: a dot per run, the baseline in a slot of its own, and what was not reached as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backend.figures.charts.claims import draw_claims
from backend.figures.charts.curves import Column
from backend.figures.typed_arrays import decode
from core.analysis.claims.trajectory import Trajectory
from core.analysis.claims.verdicts import Claims, judge_claims
from core.db.queries.runs import ChartRun
from tests.core.analysis.claims.trajectories import make_trajectory


def make_sweep(key: str, strengths: list[float], idle: float | None = None) -> list[Trajectory]:
    """The runs of strength ``idle`` never fall."""
    return [
        make_trajectory(
            (2.0, 2.0, 2.0) if strength == idle else (2.0, 1.0 - 0.01 * seed, 0.0),
            key if place else "none",
            strength,
            seed,
            weight_norm=np.full(3, 5.0 - place + 0.1 * seed),
        )
        for place, strength in enumerate((0.0, *strengths))
        for seed in range(3)
    ]


def draw(key: str, trajectories: list[Trajectory]) -> tuple[Claims, Column]:
    claims = Claims(True, None, 2, 0, None, judge_claims(trajectories, "classification"))
    runs = {
        (own.regularizer, own.strength, str(own.replicate)): ChartRun(
            number, 1, own.regularizer, own.strength, int(str(own.replicate)), None, None, None
        )
        for number, own in enumerate(trajectories, start=100)
    }
    return claims, draw_claims(claims, [key], runs)[0]


def read(figure: dict[str, Any], kind: str) -> tuple[dict[str, Any], list[float], list[float]]:
    trace = next(trace for trace in figure["data"] if trace["meta"]["kind"] == kind)
    return trace, decode(trace["x"]).tolist(), decode(trace["y"]).tolist()


def test_every_number_of_the_verdict_is_a_dot_and_its_means_the_line() -> None:
    claims, column = draw("l2", make_sweep("l2", [0.01, 0.1]))
    assert list(column.figures) == [verdict.claim for verdict in claims.verdicts]
    norm = next(verdict for verdict in claims.verdicts if verdict.claim == "norm")
    dots, x, y = read(column.figures["norm"], "dots")
    assert y == [value for cell in norm.cells for value in cell.values.values()]
    assert x == pytest.approx([-2.75] * 3 + [-2.0] * 3 + [-1.0] * 3)
    assert dots["meta"]["runs"] == list(range(100, 109))
    assert dots["meta"]["seeds"] == [0, 1, 2] * 3
    assert read(column.figures["norm"], "mean")[2] == [cell.mean for cell in norm.cells]
    meta = column.figures["norm"]["layout"]["meta"]
    assert meta["claim"]["sentence"] == norm.sentence
    assert norm.sentence in meta["sentence"]
    assert column.figures["norm"]["layout"]["xaxis"]["ticktext"] == ["0", "10⁻²", "0.1"]


def test_where_smaller_is_stronger_the_baseline_stands_past_the_largest() -> None:
    _, column = draw("max_norm", make_sweep("max_norm", [4.0, 1.0]))
    axis = column.figures["norm"]["layout"]["xaxis"]
    assert axis["ticktext"][-1] == "none"
    _, x, _ = read(column.figures["norm"], "mean")
    assert x == sorted(x)
    assert read(column.figures["norm"], "mean")[0]["meta"]["strengths"] == [1.0, 4.0, 0.0]
    assert axis["range"][0] < min(x)
    assert max(x) < axis["range"][1]


def test_a_probability_of_zero_is_the_baseline() -> None:
    _, column = draw("dropout", make_sweep("dropout", [0.2, 0.8]))
    assert read(column.figures["norm"], "mean")[1] == [0.0, 0.2, 0.8]


def test_what_was_not_reached_is_a_triangle_above_all_that_was_and_no_mean() -> None:
    _, column = draw("l2", make_sweep("l2", [0.01, 0.1], idle=0.1))
    dots, _, y = read(column.figures["fall_half"], "dots")
    assert dots["meta"]["censored"] == [6, 7, 8]
    assert dots["marker"]["symbol"] == ["circle"] * 6 + ["triangle-up-open"] * 3
    low, high = column.figures["fall_half"]["layout"]["yaxis"]["range"]
    assert all(low < value < high for value in y)
    assert min(y[6:]) > max(y[:6])
    assert read(column.figures["fall_half"], "mean")[0]["meta"]["strengths"] == [0.0, 0.01]
    assert column.figures["fall_half"]["layout"]["meta"]["claim"]["censored"] == 3
