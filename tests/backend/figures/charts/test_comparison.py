"""Joint charts over the strength: a line per experiment from its baseline on, one range, colour by λ."""

from __future__ import annotations

import itertools

import pytest

from backend.figures.axes.colour_scale import make_scale
from backend.figures.charts.comparison import Path, draw_paths, list_styles
from backend.figures.typed_arrays import decode
from core.analysis.cells import Cell, summarize_cells
from tests.core.analysis.test_cells import make_run

METRICS = ("validation_score", "validation_loss")


def make_cells(key: str, scores: dict[float, float], base: float | None = 0.8) -> list[Cell]:
    runs = [] if base is None else [make_run("none", 0.0, seed, base + 0.01 * seed) for seed in range(3)]
    runs += [make_run(key, s, seed, score + 0.01 * seed) for s, score in scores.items() for seed in range(3)]
    return summarize_cells(runs)


def make_paths(*cells: list[Cell]) -> list[Path]:
    return [Path(style, own) for style, own in zip(list_styles(range(3, 3 + len(cells))), cells, strict=True)]


def test_lines_start_at_the_baseline_and_bars_are_standard_errors() -> None:
    [column] = draw_paths(make_paths(make_cells("l2", {0.1: 0.9, 1.0: 0.85})), METRICS, "classification")
    [trace] = column.figures["validation_score"]["data"]
    assert trace["meta"]["strengths"] == [0.0, 0.1, 1.0]
    assert list(decode(trace["y"])) == pytest.approx([0.81, 0.91, 0.86])
    assert trace["error_y"]["array"] == pytest.approx([0.01 / 3**0.5] * 3)


def test_colour_is_the_strength_in_every_experiment_and_dash_and_symbol_tell_them_apart() -> None:
    paths = make_paths(make_cells("l2", {0.1: 0.9}), make_cells("l2", {0.1: 0.9, 10.0: 0.7}))
    traces = draw_paths(paths, METRICS, "classification")[0].figures["validation_score"]["data"]
    scale = make_scale("l2", [0.0, 0.1, 10.0])
    for trace in traces:
        assert trace["marker"]["color"] == [scale.colour(strength) for strength in trace["meta"]["strengths"]]
    assert len({(trace["line"]["dash"], trace["marker"]["symbol"]) for trace in traces}) == 2
    styles = list_styles(range(6))
    for one, other in itertools.combinations(styles, 2):
        assert one.dash != other.dash
        assert one.symbol != other.symbol


def test_of_a_cap_the_baseline_is_a_line_across_and_not_strength_0() -> None:
    [column] = draw_paths(make_paths(make_cells("max_norm", {1.0: 0.9, 2.0: 0.85})), METRICS, "classification")
    path, level = column.figures["validation_score"]["data"]
    assert path["meta"]["strengths"] == [1.0, 2.0]
    assert list(decode(level["y"])) == pytest.approx([0.81, 0.81])


def test_an_experiment_without_a_regularizer_has_no_line_in_its_chart() -> None:
    paths = make_paths(make_cells("l2", {0.1: 0.9}), make_cells("l1", {0.1: 0.5}))
    columns = draw_paths(paths, METRICS, "classification")
    assert [column.regularizer for column in columns] == ["l2", "l1"]
    for column, number in zip(columns, (3, 4), strict=True):
        assert [trace["meta"]["experiment"] for trace in column.figures["validation_score"]["data"]] == [number]
    low, high = columns[0].figures["validation_score"]["layout"]["yaxis"]["range"]
    assert low < 0.5 < 0.92 < high


def test_without_any_value_the_chart_says_so() -> None:
    runs = [make_run(key, s, 0, None, "diverged") for key, s in (("none", 0.0), ("l2", 0.1))]
    [column] = draw_paths(make_paths(summarize_cells(runs)), METRICS, "classification")
    figure = column.figures["validation_loss"]
    assert figure["data"] == []
    assert figure["layout"]["meta"]["shown"] == 0
    assert "no run has a value yet" in figure["layout"]["meta"]["sentence"]
