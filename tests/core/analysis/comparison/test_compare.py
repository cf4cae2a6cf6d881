"""Experiments compared on test: paired where replicates match, else with an interval each, or not at all."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from core.analysis.cells import summarize_cells
from core.analysis.comparison.arms import compare_arms
from core.analysis.comparison.compare import Across, AcrossVerdict, Side, compare
from core.analysis.cross_fitting import Replicate
from core.analysis.crossed_interval import adjust_by_holm, combine_independent, compare_crossed, compare_replicates
from core.analysis.crossed_interval import compare as compare_by_design
from core.analysis.design import FIXED, Design
from core.analysis.selection import Metric
from tests.core.analysis.test_cells import make_run

EXAMPLES = 200
SPLIT = {"Share for test": 0.2, "Split seed": 0, "Label noise": 0.0}
HARD = np.random.default_rng(0).random(EXAMPLES)


def make_side(
    number: int,
    gains: dict[str, list[float]],
    seeds: Sequence[int] = range(5),
    luck: int | None = None,
    **changes: Any,
) -> Side:
    """Regularizers with strengths 0.1, 1, … that are right so much oftener than 70 %, on both sets."""
    generator = np.random.default_rng(number if luck is None else luck)
    outcomes: dict[tuple[str, float], dict[Hashable, Replicate]] = {}
    runs = []
    for key, levels in gains.items():
        for place, gain in enumerate(levels):
            strength = 0.0 if key == "none" else 10.0 ** (place - 1)
            for seed in seeds:
                hits = HARD + generator.normal(0, 0.05, EXAMPLES) < 0.7 + gain
                score = 0.7 + gain + 0.001 * seed
                outcomes.setdefault((key, strength), {})[seed] = Replicate(score, hits)
                runs.append(make_run(key, strength, seed, score, loss=0.6 - gain))
    described: dict[str, Any] = {"task": "classification", "dataset": "digits", "tested_on": SPLIT, "loss_unit": {}}
    return Side(number, cells=summarize_cells(runs), replicates=outcomes, **described | changes)


def ask(*sides: Side, metric: Metric = "score") -> Across:
    return compare(sides, metric)


def find(across: Across, subject: str, experiment: int = 7) -> AcrossVerdict:
    return next(v for v in across.verdicts if (v.subject, v.experiment) == (subject, experiment))


def stack(side: Side, key: str, strength: float) -> np.ndarray:
    runs = side.replicates[key, strength]
    return np.array([run.outcomes for run in runs.values()], dtype=float)


REFERENCE = make_side(3, {"none": [0.0], "l2": [0.02, 0.05]})
BETTER = make_side(7, {"none": [0.0], "l2": [0.15, 0.1]})


def test_matching_replicates_are_paired_by_the_crossed_interval_of_the_strengths_chosen() -> None:
    across = ask(REFERENCE, BETTER)
    assert [(v.subject, v.pairing) for v in across.verdicts] == [("l2", "paired"), ("none", "paired")]
    verdict = find(across, "l2")
    found = compare_crossed(stack(BETTER, "l2", 0.1) - stack(REFERENCE, "l2", 1.0))
    assert found.interval is not None
    assert (verdict.difference, verdict.low, verdict.high) == (found.mean, found.interval.low, found.interval.high)
    assert (verdict.p, verdict.degrees, verdict.standard_error) == (
        found.interval.p,
        found.interval.degrees,
        found.interval.standard_error,
    )
    assert (verdict.word, verdict.reason, verdict.unpaired_because) == ("better", None, None)
    assert (verdict.replicates, verdict.examples) == ((5, 5), (EXAMPLES, EXAMPLES))
    assert verdict.cell is not None
    assert verdict.reference_cell is not None
    assert (verdict.cell.strength, verdict.reference_cell.strength) == (0.1, 1.0)


def test_the_sentence_has_both_strengths_effect_interval_and_sizes() -> None:
    verdict = find(ask(REFERENCE, BETTER), "l2")
    assert verdict.difference is not None
    for part in (
        "L2: #7 at λ = 0.1 against #3 at λ = 1, each chosen on validation",
        f"{100 * verdict.difference:+.1f} points on test",
        "95 % interval",
        "paired, 5 seeds × 200 examples",
        "Holm-adjusted over 2",
        ": better.",
    ):
        assert part in verdict.sentence
    assert ask(REFERENCE, BETTER).sentence.startswith("L2 is better in #7 than in #3, by ")


def test_only_shared_seeds_are_paired() -> None:
    verdict = find(ask(REFERENCE, make_side(7, {"none": [0.1]}, range(2, 9))), "none")
    assert (verdict.pairing, verdict.replicates) == ("paired", (3, 3))


@pytest.mark.parametrize(
    ("changes", "seeds", "because"),
    [
        ({"tested_on": SPLIT | {"Split seed": 1}}, range(5), "split seed differs"),
        (
            {"tested_on": SPLIT | {"Label noise": 0.3, "Share for test": 0.1}},
            range(5),
            "share for test and label noise",
        ),
        ({}, range(10, 15), "they share fewer than two seeds"),
        ({}, range(4, 9), "they share fewer than two seeds"),
    ],
)
def test_where_replicates_do_not_match_each_mean_has_its_own_interval_and_it_is_said_why(
    changes: dict[str, Any], seeds: Sequence[int], because: str
) -> None:
    other = make_side(7, {"none": [0.1]}, seeds, **changes)
    verdict = find(ask(REFERENCE, other), "none")
    assert verdict.pairing == "unpaired"
    assert because in str(verdict.unpaired_because)
    assert because in verdict.sentence
    arms = [compare_crossed(stack(side, "none", 0.0)) for side in (other, REFERENCE)]
    own, theirs = (arm.interval for arm in arms)
    assert own is not None
    assert theirs is not None
    expected = combine_independent(arms[0].mean - arms[1].mean, own, theirs)
    assert verdict.difference == pytest.approx(arms[0].mean - arms[1].mean)
    assert (verdict.low, verdict.high, verdict.p) == (expected.low, expected.high, expected.p)
    paired = find(ask(REFERENCE, make_side(7, {"none": [0.1]})), "none")
    assert paired.standard_error is not None
    assert verdict.standard_error is not None
    assert paired.standard_error < verdict.standard_error


@given(
    st.lists(st.floats(-10, 10), min_size=2, max_size=8).filter(lambda own: np.ptp(own) > 0.1),
    st.lists(st.floats(-10, 10), min_size=2, max_size=8).filter(lambda own: np.ptp(own) > 0.1),
)
def test_independent_means_are_combined_as_scipy_does(one: list[float], other: list[float]) -> None:
    first, second = compare_replicates(np.array(one)), compare_replicates(np.array(other))
    assert first is not None
    assert second is not None
    found = combine_independent(float(np.mean(one) - np.mean(other)), first, second)
    expected = stats.ttest_ind(one, other, equal_var=False)
    low, high = expected.confidence_interval()
    assert (found.p, found.degrees) == pytest.approx((expected.pvalue, expected.df), rel=1e-6)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-6, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 5), st.booleans(), st.integers(0, 3))
def test_swapping_the_arms_turns_the_difference_round(
    seed: int, one: int, other: int, is_matched: bool, first: int
) -> None:
    generator = np.random.default_rng(seed)
    arms: list[dict[Hashable, NDArray[np.bool_]]] = [
        {start + name: generator.random(20) < 0.7 for name in range(count)}
        for start, count in ((0, one), (first, other))
    ]
    forth = compare_arms(arms[0], arms[1], (FIXED, FIXED), is_matched=is_matched)
    back = compare_arms(arms[1], arms[0], (FIXED, FIXED), is_matched=is_matched)
    assert forth is not None
    assert back is not None
    assert forth.mean == pytest.approx(-back.mean)
    assert (forth.pairing, forth.replicates) == (back.pairing, back.replicates[::-1])
    assert (forth.interval is None) == (back.interval is None)
    if forth.interval is not None and back.interval is not None:
        assert (forth.interval.low, forth.interval.high) == pytest.approx((-back.interval.high, -back.interval.low))
        assert forth.interval.p == pytest.approx(back.interval.p)


NESTED = Design("by_seed", seeds=5, is_nested=True)


@pytest.mark.parametrize("design", [NESTED, Design("folds", folds=5, correction=0.25)])
def test_replicates_with_rows_of_their_own_are_paired_by_the_interval_of_their_design(design: Design) -> None:
    sides = [Side(**{**vars(side), "design": design}) for side in (REFERENCE, BETTER)]
    verdict = find(ask(*sides), "l2")
    found = compare_by_design(stack(BETTER, "l2", 0.1) - stack(REFERENCE, "l2", 1.0), design)
    assert found.interval is not None
    assert (verdict.pairing, verdict.low, verdict.high) == ("paired", found.interval.low, found.interval.high)
    assert f"paired, 5 {design.unit}s × 200 examples" in verdict.sentence


def test_arms_of_different_designs_have_each_the_interval_of_its_own() -> None:
    folds = Design("folds", folds=5, correction=0.25)
    other = Side(**{**vars(BETTER), "design": folds, "tested_on": SPLIT | {"Split": "folds"}})
    verdict = find(ask(REFERENCE, other), "none")
    arms = [compare_by_design(stack(side, "none", 0.0), side.design) for side in (other, REFERENCE)]
    own, theirs = (arm.interval for arm in arms)
    assert own is not None
    assert theirs is not None
    expected = combine_independent(arms[0].mean - arms[1].mean, own, theirs)
    assert (verdict.pairing, verdict.low, verdict.high) == ("unpaired", expected.low, expected.high)
    assert "not paired, 5 replicates" in verdict.sentence


def test_without_a_test_part_a_strength_is_chosen_and_not_judged() -> None:
    untested = {cell: {seed: Replicate(run.validation, None) for seed, run in runs.items()}
                for cell, runs in BETTER.replicates.items()}  # fmt: skip
    design = Design("folds", folds=5, correction=0.25, has_test=False)
    verdict = find(ask(REFERENCE, Side(**{**vars(BETTER), "replicates": untested, "design": design})), "l2")
    assert (verdict.word, verdict.reason) == ("not_judged", "no_test")
    assert "chosen, not judged, since one of them has no test part" in verdict.sentence


def test_the_same_experiment_twice_is_a_tie() -> None:
    across = ask(REFERENCE, make_side(7, {"none": [0.0], "l2": [0.02, 0.05]}, luck=3))
    assert {(v.word, v.reason) for v in across.verdicts} == {("tie", "all_alike")}
    assert "every test outcome is the same" in across.verdicts[0].sentence


def test_one_seed_gives_no_interval_and_says_why() -> None:
    verdict = find(ask(REFERENCE, make_side(7, {"none": [0.1]}, [0])), "none")
    assert (verdict.word, verdict.reason, verdict.low) == ("not_judged", "one_replicate", None)
    assert "One seed cannot be told from luck" in verdict.sentence


@pytest.mark.parametrize("tested_on", [SPLIT, SPLIT | {"Split seed": 1}])
def test_outcomes_that_are_all_alike_give_no_interval(tested_on: dict[str, object]) -> None:
    perfect = make_side(7, {"none": [9.0]}, tested_on=tested_on)
    poor = make_side(3, {"none": [-9.0]})
    verdict = find(ask(poor, perfect), "none")
    assert (verdict.difference, verdict.reason, verdict.word) == (1.0, "all_alike", "not_judged")


def test_all_diverged_is_not_judged_and_names_the_experiment() -> None:
    runs: list[Any] = [make_run("none", 0.0, seed, None, "diverged") for seed in range(3)]
    lost = Side(**{**vars(make_side(7, {})), "cells": summarize_cells(runs)})
    across = ask(REFERENCE, lost)
    assert {(v.word, v.reason) for v in across.verdicts} == {("not_judged", "no_choice")}
    assert "a run of the baseline of #7 diverged or failed" in find(across, "none").sentence
    assert across.sentence == "Nothing can be judged; each line says why."


def test_a_strength_with_a_diverged_run_is_not_what_is_compared() -> None:
    runs = [make_run("l2", s, seed, 0.9 if s == 1 else 0.8) for s in (0.1, 1.0) for seed in range(2)]
    runs += [make_run("l2", 1.0, 2, None, "diverged")] + [make_run("none", 0.0, seed, 0.7) for seed in range(2)]
    verdict = find(ask(REFERENCE, Side(**{**vars(BETTER), "cells": summarize_cells(runs)})), "l2")
    assert verdict.cell is not None
    assert verdict.cell.strength == 0.1


def test_experiments_that_share_no_regularizer_are_compared_by_the_best_of_each() -> None:
    across = ask(REFERENCE, make_side(7, {"none": [0.0], "dropout": [0.2]}))
    assert [v.subject for v in across.verdicts] == ["best", "none"]
    best = across.verdicts[0]
    assert best.cell is not None
    assert best.reference_cell is not None
    assert (best.cell.regularizer, best.reference_cell.regularizer) == ("dropout", "l2")
    assert "#7 at Dropout, p = 0.1 against #3 at L2, λ = 1" in best.sentence


def test_each_of_several_is_compared_with_the_first_and_all_are_adjusted_together() -> None:
    across = ask(REFERENCE, BETTER, make_side(9, {"none": [0.05], "l2": [0.06, 0.05]}))
    assert [(v.experiment, v.reference) for v in across.verdicts] == [(7, 3), (7, 3), (9, 3), (9, 3)]
    larger = [max(v.p or 0.0, v.cross_fitted_p or 0.0) for v in across.verdicts]
    assert [v.adjusted_p for v in across.verdicts] == adjust_by_holm(larger)


@pytest.mark.parametrize(
    ("changes", "metric", "words"),
    [
        ({"task": "regression", "dataset": "diabetes"}, "score", "accuracy and R² cannot be compared"),
        ({"dataset": "wine"}, "score", "Their data sets differ"),
        ({"loss_unit": {"Target": "center"}}, "loss", "different units, since target differs"),
    ],
)
def test_what_cannot_be_compared_is_not_and_it_is_said_why(changes: dict[str, Any], metric: Metric, words: str) -> None:
    across = ask(REFERENCE, make_side(7, {"none": [0.0]}, **changes), metric=metric)
    assert across.verdicts == []
    assert words in str(across.incomparable)
    assert words in across.sentence


def test_losses_of_different_units_are_still_compared_by_score() -> None:
    assert ask(REFERENCE, make_side(7, {"none": [0.0]}, loss_unit={"Target": "center"})).incomparable is None


def test_a_smaller_loss_is_better() -> None:
    verdict = find(ask(REFERENCE, BETTER, metric="loss"), "l2")
    # The outcomes of this test are hits: taken as losses, more of them is worse.
    assert verdict.word == "worse"
    assert "of loss on test" in verdict.sentence


def test_while_runs_train_it_is_so_far() -> None:
    across = ask(REFERENCE, Side(**{**vars(BETTER), "missing": "2 of 9 runs have not ended"}))
    assert across.sentence.startswith("So far: L2 is better in #7")
    untested = {cell: {seed: Replicate(run.validation, None) for seed, run in runs.items()}
                for cell, runs in BETTER.replicates.items()}  # fmt: skip
    waiting = ask(REFERENCE, Side(**{**vars(BETTER), "replicates": untested, "missing": "9 of 9"}))
    assert waiting.sentence == "So far: nothing is judged yet."
    assert {v.reason for v in waiting.verdicts} == {"no_outcomes"}


@pytest.mark.parametrize("is_matched", [True, False])
def test_many_strengths_that_do_nothing_are_seldom_better_than_one(is_matched: bool) -> None:
    """Of 150 pairs of experiments: at most what 5 % comes to, and two deviations. By the chosen strength's p alone it
    is 11 %: a run's luck is in its validation and in its test outcomes alike.
    """
    draws = 150
    wrong = sum(_is_told_apart(np.random.default_rng([draw, is_matched]), is_matched) for draw in range(draws))
    assert wrong <= 0.05 * draws + 2 * np.sqrt(draws * 0.05 * 0.95)


def _is_told_apart(generator: np.random.Generator, is_matched: bool) -> bool:
    sides = []
    hard = generator.normal(size=300)
    for number, strengths in ((3, 1), (7, 20)):
        if not is_matched:
            hard = generator.normal(size=300)
        runs: list[Any] = []
        outcomes: dict[tuple[str, float], dict[Hashable, Replicate]] = {}
        for strength in map(float, range(1, strengths + 1)):
            for seed in range(4):
                own = 0.5 * generator.normal() + 0.3 * generator.normal(size=hard.shape)
                hits = (1.1 + hard + own > 0).astype(float)
                score = float(hits[150:].mean())
                outcomes.setdefault(("l2", strength), {})[seed] = Replicate(score, hits[:150])
                runs.append(make_run("l2", strength, seed, score))
        tested = SPLIT if is_matched else SPLIT | {"Split seed": number}
        sides.append(Side(number, "classification", "digits", summarize_cells(runs), outcomes, tested, {}))
    return find(compare(sides, "score"), "l2").word in ("better", "worse")
