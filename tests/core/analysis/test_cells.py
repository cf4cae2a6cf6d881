"""Cells and the best of them."""

import math
from collections.abc import Sequence
from random import Random
from types import SimpleNamespace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.cells import Best, Cell, choose_best, find_best, summarize_cells
from core.analysis.digits import format_scores
from core.analysis.formatting import (
    Task,
    format_score,
    format_strength,
    is_cap,
    label_regularizer,
    name_strength,
)
from core.spec import RegularizerSpec


def make_run(
    regularizer: str, strength: float, seed: int, score: float | None, state: str = "completed", loss: float = 0.3
) -> SimpleNamespace:
    last = None if score is None else {"validation_score": score, "validation_loss": loss}
    return SimpleNamespace(regularizer=regularizer, strength=strength, seed=seed, state=state, last=last, best=last)


def expect_best(cells: Sequence[Cell], task: Task = "classification", guess: float = -math.inf) -> Best:
    """As find_best, where there is one."""
    best = find_best(cells, task, guess)
    assert best is not None
    return best


RUNS = [
    *(make_run("none", 0.0, seed, 0.91) for seed in range(3)),
    *(make_run("l1", 10**-3.5, seed, score) for seed, score in enumerate([0.927, 0.931, 0.935])),
    *(make_run("l1", 1e-4, seed, 0.92) for seed in range(3)),
]


def test_cells_are_ordered_and_hold_mean_and_deviation_over_seeds() -> None:
    cells = summarize_cells(RUNS)
    assert [(c.regularizer, c.strength) for c in cells] == [("none", 0), ("l1", 1e-4), ("l1", 10**-3.5)]
    assert cells[2].score_mean == pytest.approx(0.931)
    assert cells[2].score_deviation == pytest.approx(0.004)
    assert cells[2].loss_mean == pytest.approx(0.3)
    assert cells[2].seeds == 3


def test_the_sentence_is_that_of_the_page() -> None:
    best = expect_best(summarize_cells(RUNS))
    assert (
        best.sentence == "L1, λ = 10⁻³·⁵: 93.1 % ± 0.4 on validation, baseline 91.0 % "
        "(± is the standard deviation over 3 seeds; 2 strengths tried)"
    )
    assert (best.score, best.against, best.strengths, best.tied, best.tie) == ("93.1 % ± 0.4", "91.0 %", 2, (), False)
    assert best.baseline is not None
    assert best.baseline.regularizer == "none"


def test_regression_is_told_as_r_squared() -> None:
    assert (
        expect_best(summarize_cells(RUNS), "regression").sentence
        == "L1, λ = 10⁻³·⁵: R² 0.931 ± 0.004 on validation, baseline 0.910 "
        "(± is the standard deviation over 3 seeds; 2 strengths tried)"
    )


def test_one_seed_has_no_deviation() -> None:
    cells = summarize_cells([make_run("none", 0, 0, 0.8), make_run("l2", 0.5, 0, 0.9)])
    assert cells[1].score_deviation is None
    sentence = expect_best(cells).sentence
    assert sentence == "L2, λ = 0.5: 90.0 % on validation, baseline 80.0 % (1 seed; 1 strength tried)"


def test_an_exact_tie_is_the_baselines_and_is_called_a_tie() -> None:
    """The same scores, of which another loss, or none, makes no winner."""
    runs = [
        *(make_run("none", 0, seed, score, loss=0.5) for seed, score in enumerate((0.65, 0.66, 0.68))),
        *(make_run("gaussian_noise", 0.03, seed, score, loss=0.4) for seed, score in enumerate((0.68, 0.65, 0.66))),
        *(make_run("l2", 3.4e-6, seed, 0.5) for seed in range(3)),
    ]
    best = expect_best(summarize_cells(runs))
    assert (best.cell.regularizer, best.tie, [cell.regularizer for cell in best.tied]) == (
        "none", True, ["gaussian_noise"],
    )  # fmt: skip
    assert best.sentence == (
        "Tie: the baseline and Gaussian noise, σ = 0.03 have the same 66.3 % ± 1.5 on validation "
        "(± is the standard deviation over 3 seeds; 2 strengths tried)"
    )


@given(scores=st.lists(st.integers(0, 359), min_size=2, max_size=9), random=st.randoms(use_true_random=False))
def test_the_same_scores_tie_in_whatever_order_they_are_added_up(scores: list[int], random: Random) -> None:
    shuffled = random.sample(scores, len(scores))
    runs = [make_run("none", 0, seed, score / 359) for seed, score in enumerate(scores)]
    runs += [make_run("dropout", 0.5, seed, score / 359) for seed, score in enumerate(shuffled)]
    assert expect_best(summarize_cells(runs)).tie


@pytest.mark.parametrize(
    ("regularizer", "strengths", "strongest"),
    [("l2", (0.1, 1e-3, 0.01), 0.1), ("max_norm", (2, 0.5, 1), 0.5), ("early_stopping", (5, 20, 3), 3)],
)
def test_of_equal_strengths_the_stronger_is_named(
    regularizer: str, strengths: tuple[float, ...], strongest: float
) -> None:
    runs = [make_run("none", 0, 0, 0.8), *(make_run(regularizer, strength, 0, 0.9) for strength in strengths)]
    best = expect_best(summarize_cells(runs))
    assert (best.cell.strength, len(best.tied), best.tie) == (strongest, 2, False)
    assert "; the same as" in best.sentence
    assert "and 1 other " in best.sentence


def test_scores_that_differ_are_never_written_alike() -> None:
    runs = [make_run("none", 0, 0, 0.663), make_run("l2", 1, 0, 0.6631)]
    best = expect_best(summarize_cells(runs))
    assert (best.score, best.against) == ("66.31 %", "66.30 %")
    assert best.sentence.startswith("L2, λ = 1: 66.31 % on validation, baseline 66.30 %")


@given(one=st.floats(0, 1), other=st.floats(0, 1), task=st.sampled_from(["classification", "regression"]))
def test_as_many_digits_as_tell_two_scores_apart(one: float, other: float, task: Task) -> None:
    first, second = format_scores([one, other], task)
    # What is nearer than that is a tie.
    assert (first != second) or abs(one - other) <= 1e-12


def test_a_deviation_that_is_none_to_the_printed_digits_is_not_written_as_none() -> None:
    assert format_score(0.5, "classification", 1e-5) == "50.0 % ± <0.1"
    assert format_score(0.5, "classification", 0.0) == "50.0 % ± 0.0"


def test_without_a_sound_baseline_nothing_is_compared() -> None:
    runs = [make_run("none", 0, 0, 0.1, "diverged"), make_run("none", 0, 1, 0.99), make_run("l2", 1, 0, 0.9)]
    best = expect_best(summarize_cells(runs))
    assert (best.cell.regularizer, best.baseline, best.against) == ("l2", None, None)
    assert best.sentence == "L2, λ = 1: 90.0 % on validation, no baseline to compare with (1 seed; 1 strength tried)"


def test_what_is_no_better_than_a_guess_is_not_best() -> None:
    cells = summarize_cells([make_run("none", 0, 0, 0.097), make_run("l2", 1, 0, 0.09)])
    assert find_best(cells, guess=0.1) is None
    assert expect_best(cells, guess=0.05).cell.regularizer == "none"


def test_diverged_and_failed_runs_are_counted_and_no_mean_stands_on_them() -> None:
    runs = [
        make_run("l2", 10, 0, 0.99, "diverged"),
        make_run("l2", 10, 1, 0.95),
        make_run("l2", 10, 2, 0.9, "failed"),
        make_run("l2", 1, 0, 0.93),
    ]
    weak, strong = summarize_cells(runs)
    assert (strong.seeds, strong.score_mean, strong.diverged, strong.failed) == (1, 0.95, 1, 1)
    # The survivor's 95 % does not win over a whole cell's 93 %.
    assert choose_best([weak, strong]) == weak
    assert choose_best([strong]) is None


def stop(run: SimpleNamespace, epoch: int, by: str = "halving") -> SimpleNamespace:
    run.stopped_epoch, run.stopped_by = epoch, by
    return run


def test_what_halving_stopped_is_counted_and_never_best_over_what_trained_to_the_end() -> None:
    runs = [
        make_run("l2", 10, 0, 0.7, "diverged"),
        make_run("l2", 10, 1, 0.7),
        *(stop(make_run("l2", 1, seed, 0.99), 5) for seed in range(2)),
        *(make_run("l2", 0.1, seed, 0.9) for seed in range(2)),
        *(stop(make_run("l2", 0.01, seed, 0.8), 7 + seed, "tolerance") for seed in range(2)),
    ]
    weakest, weak, stopped, broken = cells = summarize_cells(runs)
    assert (stopped.stopped, stopped.stopped_epoch, stopped.score_mean, stopped.seeds) == (2, 5, 0.99, 2)
    assert [(cell.stopped, cell.stopped_epoch) for cell in (weakest, weak, broken)] == [(0, None)] * 3
    assert choose_best(cells) == weak
    assert choose_best([stopped, broken]) == stopped
    assert choose_best([stopped]) == stopped


def test_under_early_stopping_the_best_epoch_counts() -> None:
    def make(regularizer: str) -> SimpleNamespace:
        run = make_run(regularizer, 3, 0, 0.8, loss=0.5)
        run.best = {"validation_score": 0.9, "validation_loss": 0.2}
        return run

    swept, other = make("early_stopping"), make("l2")
    cells = summarize_cells([swept, other])
    assert [(cell.score_mean, cell.loss_mean) for cell in cells] == [(0.9, 0.2), (0.8, 0.5)]
    assert [cell.score_mean for cell in summarize_cells([swept, other], early=True)] == [0.9, 0.9]
    assert summarize_cells([make_run("early_stopping", 3, 0, None, "running")])[0].score_mean is None


def test_before_the_first_epoch_there_is_no_best() -> None:
    cells = summarize_cells([make_run("l2", 1, 0, None, "queued")])
    assert cells[0].score_mean is None
    assert find_best(cells) is None
    assert find_best([]) is None


def test_mappings_serve_as_runs() -> None:
    run = {"regularizer": "l2", "strength": 1, "state": "running", "last": {"validation_score": 0.5}}
    assert summarize_cells([run])[0].score_mean == 0.5


def test_a_baseline_that_nothing_beats_is_said_to_be_the_best() -> None:
    runs = [make_run("none", 0, 0, 0.9), make_run("l1", 0, 0, 0.9), make_run("l1", 1, 0, 0.8)]
    assert expect_best(summarize_cells(runs)).sentence == (
        "Baseline: 90.0 % on validation, no regularizer above it (1 seed; 2 strengths tried)"
    )


def test_which_strengths_are_caps_is_what_the_spec_says() -> None:
    for kind in get_args(get_args(RegularizerSpec)[0]):
        name = get_args(kind.model_fields["name"].annotation)[0]
        assert is_cap(name) == kind.smaller_is_stronger, name


@pytest.mark.parametrize(
    ("strength", "regularizer", "text"),
    [
        (0, "l1", "0"), (1e-4, "l1", "10⁻⁴"), (3e-4, "l2", "3·10⁻⁴"), (10**-3.5, "l1", "10⁻³·⁵"),
        (10**-2.25, "l1", "10⁻²·²⁵"), (0.1, "l1", "0.1"), (0.01, "l1", "10⁻²"), (1, "l2", "1"), (1000, "l2", "10³"),
        (2.5e-7, "l2", "2.5·10⁻⁷"), (1.2345e-3, "l2", "1.23·10⁻³"), (0.5, "dropout", "0.5"), (0.05, "dropout", "0.05"),
    ],
)  # fmt: skip
def test_strengths_are_written_as_powers_of_ten(strength: float, regularizer: str, text: str) -> None:
    assert format_strength(strength, regularizer) == text


def test_names_symbols_and_scores() -> None:
    assert label_regularizer("elastic_net(mixing=0.5)") == "Elastic net (mixing 0.5)"
    assert name_strength("dropout", 0.5) == "p = 0.5"
    assert name_strength("l1", 1e-4) == "λ = 10⁻⁴"
    assert name_strength("early_stopping", 1000.0) == "patience = 1000"
    assert name_strength("gaussian_noise", 0.05) == "σ = 0.05"
    assert name_strength("max_norm", 1e-5) == "c = 10⁻⁵"
    assert format_score(-0.25, "regression") == "−0.250"
    assert format_score(1.0, "classification", 0.0) == "100.0 % ± 0.0"
