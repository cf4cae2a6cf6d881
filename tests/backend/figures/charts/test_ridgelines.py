"""Ridgelines: what is drawn are the recorded counts, exact zeros apart, and words that say no more than is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backend.figures.charts.ridgelines import draw_ridgelines
from backend.figures.charts.ridges import choose
from backend.figures.data import RunKey
from backend.figures.typed_arrays import decode
from backend.schemas.figures import FigureColumn
from core.db.queries.histograms import LayerHistogram

BINS = 64


def count(run: int, weights: np.ndarray, layer: str = "output", epoch: int = 4) -> LayerHistogram:
    """As a worker counts them."""
    low, high = float(weights.min()), float(weights.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts = np.histogram(weights, BINS, (low, high))[0]
    return LayerHistogram(run, epoch, layer, low, high, counts, float((weights == 0).mean()))


def make_runs(strengths: list[float], key: str = "l1", seeds: int = 2) -> list[RunKey]:
    cells = [("none", 0.0), *((key, strength) for strength in strengths)]
    return [RunKey(10 * place + seed, *cell, seed) for place, cell in enumerate(cells) for seed in range(seeds)]


def draw_weights(run: RunKey, zeros: float, width: float = 0.1) -> np.ndarray:
    chance = np.random.default_rng(run.id)
    weights = chance.normal(0, width, 4000)
    weights[: round(4000 * zeros)] = 0
    return weights


def draw(
    runs: list[RunKey],
    found: dict[int, list[LayerHistogram]],
    key: str = "l1",
    layer: str = "",
    epoch: int | None = None,
    epochs: tuple[int, ...] = (1, 4),
) -> Any:
    column = draw_ridgelines(runs, found, [key], choose(found, epochs, epoch, layer))[0]
    assert FigureColumn.model_validate(column, from_attributes=True).regularizer == key
    return column.figures["ridgelines"]


def test_a_ridge_per_strength_from_the_baseline_at_the_bottom_upwards() -> None:
    runs = make_runs([1e-3, 1e-2])
    figure = draw(runs, {run.id: [count(run.id, draw_weights(run, 0))] for run in runs})
    rows = {trace["meta"]["row"]: trace for trace in figure["data"]}
    assert [rows[row]["meta"]["strength"] for row in range(3)] == [0.0, 1e-3, 1e-2]
    assert rows[0]["meta"]["baseline"] is True
    assert figure["layout"]["yaxis"]["ticktext"] == ["Baseline", "10⁻³", "10⁻²"]
    assert [trace["meta"]["row"] for trace in figure["data"]] == [2, 1, 0], "the lower stands in front"
    for row, trace in rows.items():
        y = decode(trace["y"])
        assert (y[0], y[-1], y.min()) == (row, row, row)
        assert y.max() == pytest.approx(row + 1.5)


def test_where_smaller_is_stronger_the_smallest_is_uppermost() -> None:
    runs = make_runs([0.5, 1.0, 2.0], key="max_norm")
    figure = draw(runs, {run.id: [count(run.id, draw_weights(run, 0))] for run in runs}, key="max_norm")
    assert figure["layout"]["yaxis"]["ticktext"] == ["Baseline", "2", "1", "0.5"]


def test_exact_zeros_are_told_and_flatten_nothing() -> None:
    runs = make_runs([1e-2])
    found = {run.id: [count(run.id, draw_weights(run, 0 if run.baseline else 0.9))] for run in runs}
    figure = draw(runs, found)
    swept, base = figure["data"]
    assert (swept["meta"]["zeros"], base["meta"]["zeros"]) == ("90.0 %", "0 %")
    assert [own["text"] for own in figure["layout"]["annotations"]] == ["0 %", "90.0 %"]
    # Without the spike at 0 the other weights' ridge is as wide as the baseline's.
    half = [np.count_nonzero(decode(trace["y"]) - trace["meta"]["row"] > 0.75) for trace in (swept, base)]
    assert half[0] == pytest.approx(half[1], rel=0.35)
    assert "Exactly 0 are 90.0 % at λ = 10⁻²." in figure["layout"]["meta"]["sentence"]


def test_a_share_of_zeros_is_not_rounded_to_all_or_none() -> None:
    runs = make_runs([1e-3, 1e-2], seeds=1)
    chance = np.random.default_rng(0)
    most, few = np.zeros(100_000), chance.normal(size=100_000)
    most[:3], few[:2] = 0.1, 0.0
    found = {0: [count(0, np.full(100, 0.2))], 10: [count(10, few)], 20: [count(20, most)]}
    shares = [trace["meta"]["zeros"] for trace in draw(runs, found)["data"]][::-1]
    assert shares == ["0 %", "0.002 %", "99.997 %"]


def test_all_zero_is_a_flat_ridge() -> None:
    runs = make_runs([1e-2], seeds=1)
    figure = draw(runs, {0: [count(0, draw_weights(runs[0], 0))], 10: [count(10, np.zeros(50))]})
    flat = figure["data"][0]
    assert flat["meta"]["zeros"] == "100 %"
    assert set(decode(flat["y"]).tolist()) == {1.0}


def test_seeds_are_pooled_on_common_bins_and_no_weight_is_lost() -> None:
    runs = make_runs([1e-2])
    found = {run.id: [count(run.id, draw_weights(run, 0, 0.1 + run.seed))] for run in runs}
    swept = draw(runs, found)["data"][0]
    assert swept["meta"]["weights"] == 8000
    assert swept["meta"]["seeds"] == [0, 1]


def test_one_layer_can_be_chosen_and_its_zeros_are_called_an_estimate() -> None:
    runs = make_runs([1e-2], seeds=1)
    found = {}
    for run in runs:
        layers = {"hidden10": 0.0, "output": 0.5, "hidden2": 0.25}
        parts = {name: draw_weights(run, 0 if run.baseline else zeros) for name, zeros in layers.items()}
        share = float(np.mean(np.concatenate(list(parts.values())) == 0))
        found[run.id] = [
            LayerHistogram(run.id, 4, name, own.low, own.high, own.counts, share)
            for name, weights in parts.items()
            for own in [count(run.id, weights, name)]
        ]
    whole = draw(runs, found)
    assert whole["data"][0]["meta"]["zeros"] == "25.0 %"
    assert whole["layout"]["meta"]["layers"] == ["hidden2", "hidden10", "output"]
    for layer, expected in (("hidden10", 0.0), ("hidden2", 25.0), ("output", 50.0)):
        figure = draw(runs, found, layer=layer)
        swept, base = figure["data"]
        assert (swept["meta"]["weights"], base["meta"]["zeros"]) == (4000, "0 %")
        assert float(swept["meta"]["zeros"].strip("≈ %")) == pytest.approx(expected, abs=1.5)
        assert ("≈" in swept["meta"]["zeros"]) == (swept["meta"]["zeros"] != "0 %")
        assert figure["layout"]["meta"]["title"] == f"Weights of layer {layer} by λ, epoch 4"


def test_diverged_runs_are_counted_and_not_drawn() -> None:
    runs = make_runs([1e-2])
    runs[-1] = RunKey(11, "l1", 1e-2, 1, diverged_epoch=3)
    found = {run.id: [count(run.id, draw_weights(run, 0))] for run in runs}
    figure = draw(runs, found)
    assert figure["data"][0]["meta"]["runs"] == [10]
    assert (figure["layout"]["meta"]["shown"], figure["layout"]["meta"]["total"]) == (3, 4)


def test_a_run_whose_newest_histogram_is_earlier_is_drawn_and_counted() -> None:
    runs = make_runs([1e-2], seeds=1)
    found = {0: [count(0, draw_weights(runs[0], 0))], 10: [count(10, draw_weights(runs[1], 0), epoch=1)]}
    meta = draw(runs, found)["layout"]["meta"]
    assert (meta["epoch"], meta["earlier"]) == (4, 1)
    assert "Of 1 run the newest histogram is of an earlier epoch." in meta["sentence"]


def test_columns_share_the_axis_of_the_weights() -> None:
    runs = [*make_runs([1e-2]), RunKey(99, "l2", 1.0, 0)]
    found = {run.id: [count(run.id, draw_weights(run, 0, 1.0 if run.id == 99 else 0.1))] for run in runs}
    one, other = draw_ridgelines(runs, found, ["l1", "l2"], choose(found, [4], None, ""))
    ranges = [column.figures["ridgelines"]["layout"]["xaxis"]["range"] for column in (one, other)]
    assert ranges[0] == ranges[1]
    assert ranges[0][0] < -1 < 1 < ranges[0][1]


def test_nothing_yet_is_a_figure_too() -> None:
    figure = draw(make_runs([1e-2]), {}, epochs=())
    assert figure["data"] == []
    assert figure["layout"]["meta"]["empty"] == "No histogram is recorded yet"
    assert "none is recorded yet" in figure["layout"]["meta"]["sentence"]
