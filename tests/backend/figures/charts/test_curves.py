"""Charts of curves: what plotly.js is given, decoded, is the data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backend.figures.axes.colour_scale import NEUTRAL, make_scale
from backend.figures.charts.curves import draw_columns
from backend.figures.data import Curves, RunKey, Style
from backend.figures.figure_set import write_column
from backend.figures.typed_arrays import decode
from backend.schemas.figures import FigureColumn
from core.analysis.curves.smoothing import smooth

STRENGTHS = (0.0, 1e-4, 1e-2)


def make_curves(epochs: int = 20, seeds: int = 3, regularizer: str = "l1") -> Curves:
    cells = [("none", 0.0), *((regularizer, strength) for strength in STRENGTHS)]
    keys = [(key, strength, seed) for key, strength in cells for seed in range(seeds)]
    runs = tuple(RunKey(100 + i, *key) for i, key in enumerate(keys))
    generator = np.random.default_rng(0)
    losses = 1 + generator.random((len(runs), epochs))
    x = np.tile(np.arange(1.0, epochs + 1), (len(runs), 1))
    return Curves(runs, x, {"train_loss": losses}, np.full(len(runs), epochs))


def draw(curves: Curves, style: Style, keys: tuple[str, ...] = ("l1",)) -> FigureColumn:
    """As it is sent."""
    return FigureColumn.model_validate(write_column(draw_columns(curves, keys, ["train_loss"], style, epochs=50)[0]))


def traces_of(column: FigureColumn, kind: str) -> list[dict[str, Any]]:
    return [t for t in column.figures["train_loss"].data if t["meta"]["kind"] == kind]


def split(trace: dict[str, Any]) -> list[tuple[list[float], list[float]]]:
    """The lines of a trace: x and y of each."""
    x, y, start, lines = decode(trace["x"]).tolist(), decode(trace["y"]).tolist(), 0, []
    for length in trace["meta"]["lengths"]:
        lines.append((x[start : start + length], y[start : start + length]))
        start += length + 1
    assert start == len(x) + 1
    return lines


def test_every_seed_has_its_line_and_every_strength_its_mean() -> None:
    curves = make_curves()
    column = draw(curves, Style())
    lines = traces_of(column, "runs")
    assert [run for t in lines for run in t["meta"]["runs"]] == [r.id for r in [*curves.runs[3:], *curves.runs[:3]]]
    for run, (x, y) in [pair for t in lines for pair in zip(t["meta"]["runs"], split(t), strict=True)]:
        np.testing.assert_allclose(y, curves.metrics["train_loss"][run - 100], rtol=1e-6)
        assert x == curves.x[run - 100].tolist()
    means = traces_of(column, "mean")
    assert [t["meta"]["strength"] for t in means] == [0.0, 1e-4, 1e-2, 0.0]
    np.testing.assert_allclose(decode(means[1]["y"]), curves.metrics["train_loss"][6:9].mean(axis=0), rtol=1e-6)


def test_baseline_is_dashed_neutral_and_on_top() -> None:
    top = draw(make_curves(), Style()).figures["train_loss"].data[-1]
    assert top["meta"]["baseline"]
    assert top["meta"]["kind"] == "mean"
    assert top["line"]["dash"] == "6px,4px"
    assert top["line"]["color"] == NEUTRAL


def test_colour_of_a_line_is_that_of_its_tick() -> None:
    column = draw(make_curves(), Style())
    assert column.scale is not None
    ticks = {tick.strength: tick.colour for tick in column.scale.ticks}
    for trace in traces_of(column, "mean")[:-1]:
        assert trace["line"]["color"] == ticks[trace["meta"]["strength"]]


def test_the_seeds_of_a_strength_are_joined_with_a_gap_between() -> None:
    curves = make_curves(epochs=6)
    cut = replace(curves, lengths=np.where(np.arange(len(curves.runs)) == 7, 4, 6))
    cut.x[7, 4:] = np.nan
    cut.metrics["train_loss"][7, 4:] = np.nan
    joined = next(t for t in traces_of(draw(cut, Style()), "runs") if t["meta"]["strength"] == 1e-4)
    assert joined["meta"]["lengths"] == [6, 4, 6]
    y = decode(joined["y"])
    assert np.flatnonzero(np.isnan(y)).tolist() == [6, 11]
    np.testing.assert_allclose(y[7:11], curves.metrics["train_loss"][7, :4], rtol=1e-6)


@pytest.mark.parametrize(("seeds", "bands"), [(2, 0), (3, 4)])
def test_bands_are_drawn_from_three_seeds_on(seeds: int, bands: int) -> None:
    curves = make_curves(seeds=seeds)
    column = draw(curves, Style(seeds="mean"))
    highs = traces_of(column, "high")
    assert len(highs) == len(traces_of(column, "low")) == bands
    assert not traces_of(column, "runs")
    if bands:
        values = curves.metrics["train_loss"][3:6]
        np.testing.assert_allclose(decode(highs[0]["y"]), values.mean(axis=0) + values.std(axis=0, ddof=1), rtol=1e-5)
        assert highs[0]["fill"] == "tonexty"


def test_reduction_keeps_the_extremes_and_says_how_many_points_are_shown() -> None:
    curves = make_curves(epochs=3000)
    curves.metrics["train_loss"][4, 1717] = 40.0
    column = draw(curves, Style(points=100))
    meta = column.figures["train_loss"].layout["meta"]
    assert meta["total"] == 12 * 3000
    assert meta["shown"] <= 12 * 100
    first = next(t for t in traces_of(column, "runs") if 104 in t["meta"]["runs"])
    assert 40.0 in decode(first["y"])
    assert decode(first["x"])[np.nanargmax(decode(first["y"]))] == 1718


def test_a_window_brings_back_every_point_in_it() -> None:
    curves = make_curves(epochs=3000)
    column = draw(curves, Style(points=100, window=(1000.0, 1050.0)))
    assert decode(traces_of(column, "mean")[0]["x"]).tolist() == list(range(999, 1052))


def test_a_diverged_run_leaves_a_gap_and_the_mean_goes_on() -> None:
    curves = make_curves()
    curves.metrics["train_loss"][6, 10:] = np.nan
    column = draw(curves, Style())
    assert np.isnan(split(traces_of(column, "runs")[1])[0][1][10:]).all()
    mean = decode(traces_of(column, "mean")[1]["y"])
    np.testing.assert_allclose(mean[10:], curves.metrics["train_loss"][7:9, 10:].mean(axis=0), rtol=1e-6)


def test_what_diverged_after_one_epoch_is_seen_as_a_point() -> None:
    curves = make_curves()
    curves.metrics["train_loss"][6:9, 1:] = np.nan
    column = draw(curves, Style())
    modes = {t["meta"]["strength"]: t["mode"] for kind in ("runs", "mean") for t in traces_of(column, kind)[:3]}
    assert modes == {0.0: "lines", 1e-4: "lines+markers", 1e-2: "lines"}


def test_a_stopped_run_ends_and_the_mean_goes_on_with_its_last_value() -> None:
    curves = make_curves()
    runs = tuple(
        replace(run, stopped_epoch=12, stopped_by="early_stopping") if row == 6 else run
        for row, run in enumerate(curves.runs)
    )
    x, losses = curves.x.copy(), curves.metrics["train_loss"].copy()
    x[6, 12:], losses[6, 12:] = np.nan, np.nan
    lengths = np.where(np.arange(len(runs)) == 6, 12, 20)
    cut = Curves(runs, x, {"train_loss": losses}, lengths)
    column = draw(cut, Style())
    assert split(traces_of(column, "runs")[1])[0][0] == list(range(1, 13))
    mean = traces_of(column, "mean")[1]
    expected = np.stack([np.append(losses[6, :12], np.full(8, losses[6, 11])), losses[7], losses[8]]).mean(axis=0)
    np.testing.assert_allclose(decode(mean["y"]), expected, rtol=1e-6)
    assert "1 run ended early" in column.figures["train_loss"].layout["meta"]["sentence"]


def test_a_strength_whose_runs_all_stopped_ends_there() -> None:
    curves = make_curves()
    stopped = [6, 7, 8]
    runs = tuple(replace(run, stopped_epoch=5) if row in stopped else run for row, run in enumerate(curves.runs))
    lengths = np.where(np.isin(np.arange(len(runs)), stopped), 5, 20)
    x = np.where(np.arange(20) < lengths[:, None], curves.x, np.nan)
    losses = np.where(np.arange(20) < lengths[:, None], curves.metrics["train_loss"], np.nan)
    means = traces_of(draw(Curves(runs, x, {"train_loss": losses}, lengths), Style()), "mean")
    assert [len(decode(mean["x"])) for mean in means] == [20, 5, 20, 20]


def test_smoothing_leaves_the_raw_mean_beneath() -> None:
    curves = make_curves()
    column = draw(curves, Style(smoothing=0.8))
    mean, raw = traces_of(column, "mean")[0], traces_of(column, "raw")[0]
    values = curves.metrics["train_loss"][3:6].mean(axis=0)
    np.testing.assert_allclose(decode(raw["y"]), values, rtol=1e-6)
    np.testing.assert_allclose(decode(mean["y"]), smooth(values[None], 0.8)[0], rtol=1e-6)


def test_columns_share_the_range_of_a_row() -> None:
    one, other = make_curves(regularizer="l1"), make_curves(regularizer="l2")
    runs = one.runs + tuple(replace(run, id=run.id + 50) for run in other.runs[3:])
    losses = np.concatenate([one.metrics["train_loss"], 2 * other.metrics["train_loss"][3:]])
    both = Curves(runs, np.tile(one.x[0], (len(runs), 1)), {"train_loss": losses}, np.full(len(runs), 20))
    columns = draw_columns(both, ["l1", "l2"], ["train_loss"], Style(), epochs=20)
    ranges = [column.figures["train_loss"]["layout"]["yaxis"]["range"] for column in columns]
    assert ranges[0] == ranges[1]
    assert ranges[0][1] > losses.max()


def test_hostile_names_stay_text() -> None:
    hostile = '<img src=x onerror="alert(1)">'
    column = draw(make_curves(regularizer=hostile), Style(), (hostile,))
    for trace in column.figures["train_loss"].data:
        assert "<" not in trace["uid"]
        assert "<" not in trace["name"]


def test_nothing_yet_is_a_figure_too() -> None:
    curves = make_curves(epochs=0)
    column = draw(curves, Style())
    assert "No epoch is finished yet" in column.figures["train_loss"].layout["meta"]["sentence"]
    assert all(not any(t["meta"]["lengths"]) for t in column.figures["train_loss"].data)


@pytest.mark.parametrize(
    ("epochs", "ended", "why"),
    [
        (0, False, "No epoch is finished yet"),
        (0, True, "No epoch was finished"),
        (1, True, "No run has a finite value"),
    ],
)
def test_a_chart_without_lines_says_why(epochs: int, ended: bool, why: str) -> None:
    curves = make_curves(epochs=epochs)
    curves.metrics["train_loss"][:] = np.nan
    column = draw(curves, Style(ended=ended))
    meta = column.figures["train_loss"].layout["meta"]
    assert meta["empty"] == why
    assert f"over {epochs} epoch{'' if epochs == 1 else 's'} of" in meta["sentence"]
    assert f"{why}." in meta["sentence"]
    others = [figure.layout["meta"]["empty"] for name, figure in column.figures.items() if name != "train_loss"]
    assert others == [why if epochs == 0 else ""] * len(others)


def test_the_sentence_names_sweep_ends_and_baseline() -> None:
    curves = make_curves()
    curves.metrics["train_loss"][:, -1] = np.repeat([0.5, 0.4, 0.25, 0.75], 3)
    sentence = draw(curves, Style()).figures["train_loss"].layout["meta"]["sentence"]
    assert sentence == (
        "Training loss over 20 epochs of L1 at 3 strengths, λ = 0 to λ = 10⁻², beside the baseline; "
        "mean over 3 seeds. At the end lowest: λ = 10⁻⁴ with 0.25; highest: λ = 10⁻² with 0.75. "
        "The baseline ends at 0.5."
    )


def test_the_same_data_make_the_same_bytes_and_fit_the_schema() -> None:
    drawn = [draw(make_curves(), Style(smoothing=0.5)) for _ in range(2)]
    assert drawn[0].model_dump_json() == drawn[1].model_dump_json()
    assert drawn[0].label == "L1"


def test_colours_span_strengths_of_other_experiments_too() -> None:
    curves = make_curves()
    strengths = sorted({run.strength for run in curves.runs if not run.baseline})
    own, wide = (draw(curves, Style(span=span)) for span in ((), (strengths[0] / 100, strengths[-1] * 100)))
    scale = make_scale("l1", [strengths[0] / 100, *strengths, strengths[-1] * 100])
    for trace in traces_of(wide, "mean"):
        if not trace["meta"]["baseline"]:
            assert trace["line"]["color"] == scale.colour(trace["meta"]["strength"])
    assert [trace["line"]["color"] for trace in traces_of(own, "mean")] != [
        trace["line"]["color"] for trace in traces_of(wide, "mean")
    ]
