"""The chart over λ: λ = 0 has a place of its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.figures.arrays import decode
from backend.figures.data import RunKey
from backend.figures.scale import make_scale
from backend.figures.strength import draw_strengths, place_strength


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
    assert column.figures["validation_score"]["layout"]["xaxis"]["ticktext"] == ["0", "10⁻³", "0.1"]


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
