"""The regularization path: what is drawn is what the runs hold, and zeros are counted exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from backend.figures.charts.coefficients import RunCoefficients, draw_paths
from backend.figures.typed_arrays import decode
from backend.schemas.figures import FigureColumn
from core.analysis.cells import Cell
from core.analysis.selection import select_strength

STRENGTHS = [1e-3, 1e-2, 1e-1]


def make_runs(features: int, outputs: int = 1, key: str = "l1", seeds: int = 2) -> list[RunCoefficients]:
    """Feature f shrinks linearly with the index of the strength, and larger features are last to reach 0."""
    weights = np.arange(1.0, features + 1) * np.where(np.arange(features) % 2, -1, 1)
    runs = []
    for place, (name, strength) in enumerate([("none", 0.0), *((key, s) for s in STRENGTHS)]):
        shrunk = np.sign(weights) * np.maximum(np.abs(weights) - place, 0)
        for seed in range(seeds):
            values = np.stack([shrunk * (1 + output) for output in range(outputs)])
            runs.append(RunCoefficients(name, strength, seed, values + 0.1 * seed * (values != 0)))
    return runs


def draw(
    runs: list[RunCoefficients], features: int, output: int = 0, key: str = "l1", outputs: tuple[str, ...] = ("target",)
) -> Any:
    column = draw_paths(runs, [key], [f"x{i}" for i in range(features)], output, outputs)[0]
    assert FigureColumn.model_validate(column, from_attributes=True).regularizer == key
    return column.figures["coefficients"]


def test_a_line_per_feature_from_the_baseline_on_averaged_over_seeds() -> None:
    figure = draw(make_runs(4), 4)
    lines = {trace["meta"]["features"][0]: trace for trace in figure["data"]}
    assert sorted(lines) == ["x0", "x1", "x2", "x3"]
    np.testing.assert_allclose(decode(lines["x3"]["y"]), [-3.95, -2.95, -1.95, -0.95], rtol=1e-6)
    np.testing.assert_allclose(decode(lines["x3"]["x"]), [-3.75, -3, -2, -1])
    assert lines["x3"]["meta"]["strengths"] == [0, *STRENGTHS]


def test_exact_zeros_are_counted_over_the_strength() -> None:
    meta = draw(make_runs(4), 4)["layout"]["meta"]
    assert [(entry["label"], entry["zeros"], entry["total"]) for entry in meta["zeros"]] == [
        ("0", 0, 4),
        ("10⁻³", 1, 4),
        ("10⁻²", 2, 4),
        ("0.1", 3, 4),
    ]
    assert "Exactly 0 are 0 at λ = 0 and 3 at λ = 0.1." in meta["sentence"]
    assert "The largest belong to x3, x2, x1." in meta["sentence"]


def test_of_many_features_the_strongest_stand_out_and_the_others_are_one_grey_trace() -> None:
    figure = draw(make_runs(64, outputs=10), 64, output=4, outputs=tuple("0123456789"))
    others, *strong = figure["data"]
    assert [trace["meta"]["features"] for trace in strong] == [[f"x{i}"] for i in range(54, 64)]
    assert others["meta"]["features"] == [f"x{i}" for i in range(54)]
    y = decode(others["y"])
    assert len(y) == 54 * 5 - 1
    assert np.flatnonzero(np.isnan(y)).tolist() == list(range(4, len(y), 5))
    np.testing.assert_allclose(y[:4], [5.05, 0, 0, 0], rtol=1e-6)
    assert figure["layout"]["meta"]["title"] == "Coefficients over λ, class 4"
    assert figure["layout"]["meta"]["strong"] == 10


def test_where_smaller_is_stronger_the_baseline_is_not_at_0() -> None:
    figure = draw(make_runs(3, key="max_norm"), 3, key="max_norm")
    assert figure["data"][0]["meta"]["strengths"] == STRENGTHS
    assert figure["layout"]["xaxis"]["title"]["text"] == "c (smaller is stronger)"


def test_columns_share_their_range_with_0_in_it() -> None:
    runs = [*make_runs(3), RunCoefficients("l2", 1.0, 0, np.full((1, 3), 9.0))]
    one, other = draw_paths(runs, ["l1", "l2"], ["a", "b", "c"], 0, ["target"])
    ranges = [column.figures["coefficients"]["layout"]["yaxis"]["range"] for column in (one, other)]
    assert ranges[0] == ranges[1]
    assert ranges[0][0] < 0 < 9 < ranges[0][1]


def test_nothing_yet_is_a_figure_too() -> None:
    figure = draw([], 0)
    assert "none is known yet" in figure["layout"]["meta"]["sentence"]
    assert figure["data"] == []


def test_each_of_those_that_stand_out_has_a_colour_of_its_own() -> None:
    _, *strong = draw(make_runs(64), 64)["data"]
    colours = [trace["line"]["color"] for trace in strong]
    assert len(set(colours)) == 10
    for colour in colours:
        channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        light = sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
        # As a line needs it, on white and on near-black.
        assert 1.05 / (light + 0.05) > 3
        assert (light + 0.05) / (0.012 + 0.05) > 3


def test_the_strengths_that_validation_chooses_are_marked() -> None:
    cells = [
        Cell("l1", strength, 3, mean, 0.03, 1 - mean)
        for strength, mean in zip(STRENGTHS, (0.8, 0.9, 0.89), strict=True)
    ]
    choice = {"l1": select_strength(cells, "score")}
    column = draw_paths(make_runs(4), ["l1"], ["a", "b", "c", "d"], 0, ["target"], choice)[0]
    layout = column.figures["coefficients"]["layout"]
    assert [shape["x0"] for shape in layout["shapes"]] == [-2, -1]
    assert [note["text"] for note in layout["annotations"]] == ["λ min", "λ 1se"]
