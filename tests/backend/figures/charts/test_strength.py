"""The chart over λ: λ = 0 has a place of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.figures.axes.colour_scale import make_scale
from backend.figures.axes.strength_frame import place_strength
from backend.figures.charts.strength import draw_strengths
from backend.figures.data import RunKey
from backend.figures.typed_arrays import decode
from core.analysis.formatting import Task, format_strength


def make_runs(key: str, strengths: list[float]) -> list[RunKey]:
    cells = [("none", 0.0), *((key, s) for s in strengths)]
    return [RunKey(10 * i + seed, *cell, seed) for i, cell in enumerate(cells) for seed in range(3)]


def test_dots_mean_and_baseline() -> None:
    runs = make_runs("l1", [0.0, 1e-3, 1e-1])
    last = {run.id: {"validation_score": 0.5 + run.id / 100} for run in runs}
    column = draw_strengths(runs, last, ["l1"], ["validation_score"], "classification")[0]
    dots, mean, baseline = column.figures["validation_score"]["data"]
    assert len(decode(dots["y"])) == 9
    np.testing.assert_allclose(decode(mean["y"]), [0.61, 0.71, 0.81], rtol=1e-6)
    np.testing.assert_allclose(decode(baseline["y"]), [0.51, 0.51], rtol=1e-6)
    np.testing.assert_allclose(decode(mean["x"]), [-3.75, -3, -1])
    assert column.figures["validation_score"]["layout"]["xaxis"]["ticktext"] == ["0", "10⁻³", "10⁻²", "0.1"]


def test_zero_lies_left_of_the_smallest_strength_and_is_reached_by_no_positive_one() -> None:
    scale = make_scale("l2", [0.0, 1e-6, 1e-2])
    assert place_strength(0.0, scale) == pytest.approx(-6.75)
    assert place_strength(1e-6, scale) == pytest.approx(-6)


def test_probabilities_lie_on_a_linear_axis() -> None:
    scale = make_scale("dropout", [0.0, 0.2, 0.5])
    assert [place_strength(p, scale) for p in (0.0, 0.2, 0.5)] == [0.0, 0.2, 0.5]


def test_diverged_runs_are_counted_and_not_drawn() -> None:
    runs = make_runs("l1", [1e-3])
    runs[-1] = RunKey(99, "l1", 1e-3, 2, diverged_epoch=4)
    last = {run.id: {"validation_score": 0.9} for run in runs}
    figure = draw_strengths(runs, last, ["l1"], ["validation_score"], "classification")[0].figures["validation_score"]
    assert figure["data"][1]["meta"]["counts"] == [2]
    assert (figure["layout"]["meta"]["shown"], figure["layout"]["meta"]["total"]) == (2, 3)


def test_runs_without_a_row_make_an_empty_chart() -> None:
    column = draw_strengths(make_runs("l1", [1e-3]), {}, ["l1"], ["validation_loss"], "regression")[0]
    assert "no run has a value yet" in column.figures["validation_loss"]["layout"]["meta"]["sentence"]


def describe(runs: list[RunKey], values: dict[float, float], key: str = "l1", metric: str = "validation_score") -> str:
    """The sentence where every run of a strength has the same value."""
    last = {run.id: {metric: values[-1.0 if run.baseline else run.strength]} for run in runs}
    column = draw_strengths(runs, last, [key], [metric], "classification")[0]
    sentence: str = column.figures[metric]["layout"]["meta"]["sentence"]
    return sentence


def test_a_tie_with_the_baseline_is_called_one() -> None:
    sentence = describe(make_runs("l1", [1e-3, 1e-2]), {-1.0: 0.663, 1e-3: 0.6, 1e-2: 0.663})
    assert "Best mean of the strengths: λ = 10⁻² with 66.3 %, a tie with the baseline." in sentence


def test_means_that_differ_are_never_written_alike() -> None:
    sentence = describe(make_runs("l1", [1e-3]), {-1.0: 0.663, 1e-3: 0.66304})
    assert "λ = 10⁻³ with 66.304 %. The baseline has 66.300 %." in sentence
    sentence = describe(make_runs("l1", [1e-3]), {-1.0: 1.30041, 1e-3: 1.30042}, metric="validation_loss")
    assert "λ = 10⁻³ with 1.30042. The baseline has 1.30041." in sentence


@pytest.mark.parametrize(("key", "stronger"), [("l1", "λ = 10⁻²"), ("max_norm", "c = 0.001")])
def test_of_equal_strengths_the_stronger_is_named(key: str, stronger: str) -> None:
    sentence = describe(make_runs(key, [1e-3, 1e-2]), {-1.0: 0.5, 1e-3: 0.7, 1e-2: 0.7}, key)
    assert f"Best mean of the strengths: {stronger} (and 1 more strength) with 70.0 %" in sentence


def test_a_strength_of_which_a_run_diverged_is_not_best_nor_is_a_baseline_compared_with() -> None:
    runs = make_runs("l1", [1e-3, 1e-2])
    fallen = [replace(run, diverged_epoch=2) if (run.strength, run.seed) == (1e-2, 0) else run for run in runs]
    values = {-1.0: 0.5, 1e-3: 0.6, 1e-2: 0.9}
    assert "λ = 10⁻³ with 60.0 %. The baseline has 50.0 %." in describe(fallen, values)
    assert "1 run diverged, without a dot" in describe(fallen, values)
    lost = [replace(run, diverged_epoch=2) if run.baseline and run.seed == 0 else run for run in runs]
    assert "there is no baseline to compare with" in describe(lost, values)
    all_fallen = [replace(run, diverged_epoch=2) for run in runs]
    assert "every run that had one diverged" in describe(all_fallen, values)


def test_what_halving_stopped_is_hollow_and_said() -> None:
    runs = [
        replace(run, stopped_epoch=5, stopped_by="halving") if run.strength == 1e-1 else run
        for run in make_runs("l1", [1e-3, 1e-1])
    ]
    last = {run.id: {"validation_score": 0.9} for run in runs}
    figure = draw_strengths(runs, last, ["l1"], ["validation_score"], "classification")[0].figures["validation_score"]
    mean = figure["data"][1]
    assert mean["marker"]["symbol"] == ["circle", "circle-open"]
    assert mean["meta"]["rejected"] == [1e-1]
    assert "halving stopped 1 of them early" in figure["layout"]["meta"]["sentence"]


@pytest.mark.parametrize(("key", "title"), [("max_norm", "c (smaller is stronger)"), ("sam", "ρ")])
def test_the_axis_says_which_way_is_stronger(key: str, title: str) -> None:
    runs = make_runs(key, [0.5, 2.0])
    figure = draw_strengths(runs, {}, [key], ["validation_loss"], "classification")[0].figures["validation_loss"]
    assert figure["layout"]["xaxis"]["title"]["text"] == title
    assert make_scale(key, [0.5, 2.0]).kind == "log"


def test_the_title_says_which_epoch_counts() -> None:
    runs = make_runs("early_stopping", [1.0, 5.0])
    titles = [
        column.figures["validation_score"]["layout"]["meta"]["title"]
        for at_best in ((), {"early_stopping"})
        for column in draw_strengths(runs, {}, ["early_stopping"], ["validation_score"], "classification", at_best)
    ]
    assert titles == [
        "Final validation accuracy over patience",
        "Validation accuracy of the best epoch over patience",
    ]


def draw(
    runs: list[RunKey], values: dict[int, float], metric: str = "validation_score", task: Task = "regression"
) -> Any:
    last = {run: {metric: value} for run, value in values.items()}
    return draw_strengths(runs, last, ["l1"], [metric], task)[0].figures[metric]


STRENGTHS = [10 ** (-4 + index / 6) for index in range(25)]


def test_the_peak_of_an_ordinary_sweep_is_in_the_picture() -> None:
    """As diabetes with L1: R² hardly moves, peaks, and then falls to nothing."""
    runs = make_runs("l1", STRENGTHS)
    scores = dict(
        zip([0.0, *STRENGTHS], [0.47, *np.linspace(0.47, 0.476, 18), *np.linspace(0.4, -0.04, 7)], strict=True)
    )
    figure = draw(runs, {run.id: scores[run.strength] + 1e-4 * run.seed for run in runs})
    low, high = figure["layout"]["yaxis"]["range"]
    means = decode(figure["data"][1]["y"])
    assert low < means.min() < means.max() < high
    assert figure["layout"]["meta"]["outside"] == 0


VALUES = st.floats(-1e9, 1e9) | st.floats(0, 1) | st.floats(0.47, 0.4701)


@given(st.lists(VALUES, min_size=12, max_size=12), st.sampled_from(["validation_score", "validation_loss"]))
def test_every_mean_is_in_the_range_and_each_dot_outside_is_counted(values: list[float], metric: str) -> None:
    runs = make_runs("l1", [1e-3, 1e-2, 1e-1])
    own = np.abs(values) if metric == "validation_loss" else values
    figure = draw(runs, {run.id: float(value) for run, value in zip(runs, own, strict=True)}, metric)
    axis = figure["layout"]["yaxis"]
    low, high = axis["range"]
    dots, mean, baseline = [decode(trace["y"]) for trace in figure["data"]]
    with np.errstate(divide="ignore"):
        dots, mean, baseline = (np.log10(y) if axis["type"] == "log" else y for y in (dots, mean, baseline))
    assert ((low <= mean) & (mean <= high)).all()
    assert ((low <= baseline) & (baseline <= high)).all()
    outside = (dots < low - 1e-9 * abs(low)) | (dots > high + 1e-9 * abs(high))
    assert figure["layout"]["meta"]["outside"] == outside.sum()


@pytest.mark.parametrize("end", [1.1e-308, 1.7e308])
def test_on_a_log_axis_values_at_the_ends_of_a_float_are_placed_and_counted(end: float) -> None:
    runs = make_runs("l1", [1e-3, 1e-2, 1e-1])
    values = [1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, end, 0.0, 0.0, 1.0]
    figure = draw(runs, {run.id: value for run, value in zip(runs, values, strict=True)}, "validation_loss")
    assert figure["layout"]["yaxis"]["type"] == "log"
    assert figure["layout"]["meta"]["outside"] == values.count(0.0)
    assert np.isfinite(figure["layout"]["meta"]["ranges"]["y"]["linear"]).all()


def test_a_lone_wild_dot_is_left_outside_and_counted() -> None:
    runs = [RunKey(10 * cell + seed, "l1" if cell else "none", 10.0**-cell if cell else 0.0, seed)
            for cell in range(4) for seed in range(100)]  # fmt: skip
    figure = draw(runs, {run.id: -40.0 if run.id == 12 else 0.5 + 0.001 * run.seed for run in runs})
    low, _ = figure["layout"]["yaxis"]["range"]
    assert -10 < low < decode(figure["data"][1]["y"]).min()
    assert figure["layout"]["meta"]["outside"] == 1


@given(st.lists(st.floats(0, 1), min_size=12, max_size=12))
def test_shares_have_an_axis_from_0_to_100_percent_at_most(values: list[float]) -> None:
    runs = make_runs("l1", [1e-3, 1e-2, 1e-1])
    figure = draw(runs, {run.id: value for run, value in zip(runs, values, strict=True)}, task="classification")
    low, high = figure["layout"]["yaxis"]["range"]
    assert 0 <= low < high <= 1


def test_losses_that_span_decades_have_a_log_axis() -> None:
    runs = make_runs("l1", [1e-3, 1e-2, 1e-1])
    losses = {0.0: 1.0, 1e-3: 0.9, 1e-2: 2.0, 1e-1: 1e6}
    axis = draw(runs, {run.id: losses[run.strength] for run in runs}, "validation_loss")["layout"]["yaxis"]
    assert axis["type"] == "log"
    assert axis["range"][0] < np.log10(0.9) < 6 < axis["range"][1]


def test_strengths_that_lie_close_have_labels_and_places_of_their_own() -> None:
    close = [0.001 + 1e-8 * step for step in range(5)]
    runs = make_runs("l1", close)
    figure = draw(runs, {run.id: 0.5 for run in runs})
    assert figure["layout"]["xaxis"]["ticktext"] == ["10⁻³", *(f"1.0000{step}·10⁻³" for step in range(1, 5))]
    assert len(set(decode(figure["data"][1]["x"]))) == 5
    assert "L1, 5 strengths" in figure["layout"]["meta"]["sentence"]


def test_decades_are_ticks_of_a_long_sweep_and_of_its_colour_bar() -> None:
    scale = make_scale("l1", STRENGTHS)
    assert [tick.label for tick in scale.ticks if tick.major] == ["10⁻⁴", "10⁻³", "10⁻²", "0.1", "1"]
    runs = make_runs("l1", [2e-4 * 10 ** (index / 4) for index in range(14)])
    texts = draw(runs, {run.id: 0.5 for run in runs})["layout"]["xaxis"]["ticktext"]
    assert [text for text in texts if "·" not in text][:3] == ["10⁻³", "10⁻²", "0.1"]


def test_values_in_the_sentence_are_told_apart() -> None:
    runs = make_runs("l1", [1e-3, 1e-2])
    losses = {0.0: 1.3008, 1e-3: 1.3040, 1e-2: 1.31}
    figure = draw(runs, {run.id: losses[run.strength] for run in runs}, "validation_loss")
    sentence = figure["layout"]["meta"]["sentence"]
    assert "λ = 10⁻³ with 1.304. The baseline has 1.301." in sentence
    assert "10⁻³: 1.304; 10⁻²: 1.31." in sentence


def test_means_that_differ_by_rounding_only_are_a_tie() -> None:
    runs = make_runs("l1", [1e-3, 1e-2, 1e-1])
    # The same scores, of which another order makes another sum.
    scores = {0.0: (0.1, 0.2, 0.3), 1e-3: (0.1, 0.1, 0.1), 1e-2: (0.3, 0.2, 0.1), 1e-1: (0.2, 0.3, 0.1)}
    sentence = draw(runs, {run.id: scores[run.strength][run.seed] for run in runs})["layout"]["meta"]["sentence"]
    assert "λ = 0.1 (and 1 more strength) with 0.200, a tie with the baseline." in sentence
    assert "10⁻³: 0.100; 10⁻²: 0.200; 0.1: 0.200." in sentence


def draw_one(losses: dict[float, list[float]], key: str = "l2") -> dict[str, Any]:
    """The chart of the validation loss, with a baseline at 1."""
    cells = [("none", 0.0, [1.0, 1.0, 1.0]), *((key, strength, values) for strength, values in losses.items())]
    runs, last = [], {}
    for cell, (own, strength, values) in enumerate(cells):
        for seed, value in enumerate(values):
            runs.append(RunKey(10 * cell + seed, own, strength, seed))
            last[10 * cell + seed] = {"validation_loss": value}
    figures = draw_strengths(runs, last, [key], ["validation_loss"], "classification")[0].figures
    return figures["validation_loss"]


def test_the_best_mean_and_the_strongest_within_one_standard_error_are_marked() -> None:
    figure = draw_one({1e-3: [0.9, 0.9, 0.9], 1e-2: [0.5, 0.7, 0.9], 1e-1: [0.7, 0.8, 0.9], 1.0: [2.0, 2.0, 2.0]})
    layout = figure["layout"]
    assert [(shape["x0"], shape["x1"], shape["yref"]) for shape in layout["shapes"]] == [
        (-2, -2, "paper"),
        (-1, -1, "paper"),
    ]
    assert [note["text"] for note in layout["annotations"]] == ["λ min", "λ 1se"]
    assert "The strongest within one standard error of it is λ = 0.1." in layout["meta"]["sentence"]


def test_where_both_are_one_strength_one_line_has_both_names() -> None:
    layout = draw_one({1e-3: [0.9, 0.9, 0.9], 1e-2: [0.4, 0.5, 0.6]})["layout"]
    assert [note["text"] for note in layout["annotations"]] == ["λ min = λ 1se"]
    assert len(layout["shapes"]) == 1
    assert "No stronger one lies within one standard error of it." in layout["meta"]["sentence"]


def test_means_have_their_standard_errors() -> None:
    figure = draw_one({1e-3: [0.9, 0.9, 0.9], 1e-2: [0.4, 0.5, 0.6]})
    assert figure["data"][1]["error_y"]["array"] == pytest.approx([0.0, 0.1 / 3**0.5])
    assert figure["layout"]["meta"]["errors"]
    assert not draw_one({1e-3: [0.9], 1e-2: [0.4]})["layout"]["meta"]["errors"]


def test_one_seed_has_a_minimum_and_no_rule() -> None:
    layout = draw_one({1e-3: [0.9], 1e-2: [0.4]})["layout"]
    assert [note["text"] for note in layout["annotations"]] == ["λ min"]
    assert "standard error" not in layout["meta"]["sentence"]


def test_without_a_value_nothing_is_marked() -> None:
    figure = draw_strengths(make_runs("l1", [1e-3]), {}, ["l1"], ["validation_loss"], "regression")[0].figures
    layout = figure["validation_loss"]["layout"]
    assert (layout["shapes"], layout["annotations"]) == ([], [])


@pytest.mark.parametrize(("largest", "is_marked"), [(0.05, True), (3.0, False), (None, False)])
def test_the_largest_useful_strength_is_marked_where_it_lies_on_the_axis(
    largest: float | None, is_marked: bool
) -> None:
    runs = make_runs("l1", [1e-3, 1e-1])
    last = {run.id: {"validation_score": 0.5 + run.id / 100} for run in runs}
    known = {} if largest is None else {"l1": largest}
    column = draw_strengths(runs, last, ["l1"], ["validation_score"], "classification", largest=known)[0]
    layout = column.figures["validation_score"]["layout"]
    named = {note["text"]: note["x"] for note in layout["annotations"]}
    assert ("λ max" in named) == is_marked
    assert len(layout["shapes"]) == len(layout["annotations"])
    if is_marked:
        assert named["λ max"] == pytest.approx(np.log10(0.05))
    said = "" if largest is None else f" From λ max = {format_strength(largest)} on the optimum has no weight but 0."
    assert layout["meta"]["sentence"].endswith(said)
    assert ("λ max" in layout["meta"]["sentence"]) == (largest is not None)


def draw_whole(last: dict[int, dict[str, float]], runs: list[RunKey], metric: str = "validation_score") -> Any:
    return draw_strengths(runs, last, ["l1"], [metric], "classification")[0].figures[metric]


def make_rows(runs: list[RunKey], test: bool = True) -> dict[int, dict[str, float]]:
    """Validation is best at 10⁻²; training is 0.2 above it, test 0.1 below."""
    scores = {0.0: 0.6, 1e-3: 0.65, 1e-2: 0.7, 1e-1: 0.5}
    rows = {}
    for run in runs:
        score = scores[run.strength] + run.seed / 1000
        row = {"validation_score": score, "train_score": score + 0.2, "validation_loss": 1 - score, "loss_gap": score}
        rows[run.id] = row | ({"test_score": score - 0.1} if test else {})
    return rows


def test_training_is_drawn_with_the_gap_shaded() -> None:
    runs = make_runs("l1", [1e-3, 1e-2, 1e-1])
    figure = draw_whole(make_rows(runs), runs)
    shade, training = (next(t for t in figure["data"] if t["meta"]["kind"] == kind) for kind in ("gap", "train"))
    np.testing.assert_allclose(decode(training["y"]), [0.851, 0.901, 0.701])
    np.testing.assert_allclose(decode(shade["y"]), [0.851, 0.901, 0.701, 0.501, 0.701, 0.651])
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < 0.501 < 0.901 < high
    assert "On training, the grey line, it goes from 85.1 % to 70.1 %." in figure["layout"]["meta"]["sentence"]


def test_test_is_drawn_at_the_chosen_strength_alone() -> None:
    runs = make_runs("l1", [1e-3, 1e-2, 1e-1])
    figure = draw_whole(make_rows(runs), runs)
    (mark,) = (trace for trace in figure["data"] if trace["meta"]["kind"] == "test")
    assert (decode(mark["x"]).tolist(), mark["meta"]["strengths"]) == ([-2.0], [1e-2])
    np.testing.assert_allclose(decode(mark["y"]), [0.601])
    assert "At the strength chosen it is 60.1 % on test." in figure["layout"]["meta"]["sentence"]


@pytest.mark.parametrize("missing", ["all", "one"])
def test_before_each_of_its_runs_was_tested_there_is_no_test(missing: str) -> None:
    runs = make_runs("l1", [1e-3, 1e-2])
    rows = make_rows(runs, test=missing != "all")
    last = next(run for run in runs if run.strength == 1e-2 and run.seed == 2)
    rows[last.id].pop("test_score", None)
    figure = draw_whole(rows, runs)
    assert [trace["meta"]["kind"] for trace in figure["data"]] == ["gap", "train", "dots", "mean", "baseline"]
    assert figure["layout"]["meta"]["tested"] is False


def test_the_gap_chooses_nothing_and_shows_what_validation_loss_chooses() -> None:
    runs = make_runs("l1", [1e-3, 1e-2, 1e-1])
    figure = draw_whole(make_rows(runs), runs, "loss_gap")
    assert [trace["meta"]["kind"] for trace in figure["data"]] == ["dots", "mean", "baseline"]
    assert figure["layout"]["shapes"][0]["x0"] == -2
    sentence = figure["layout"]["meta"]["sentence"]
    assert "Best" not in sentence
    assert "The baseline has 0.601." in sentence


def test_a_name_near_the_right_end_stands_left_of_its_line() -> None:
    runs = make_runs("l1", [1e-3, 1e-2])
    names = draw_whole(make_rows(runs), runs)["layout"]["annotations"]
    assert [(name["xanchor"], name["xshift"]) for name in names] == [("right", -3)]
