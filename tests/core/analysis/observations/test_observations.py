"""Sentences about curves: said where it is so by more than noise, with the numbers of the data."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.design import Design
from core.analysis.observations.baseline import observe_by_heart, observe_turn
from core.analysis.observations.observation import Ends, Matrix, RunEnd
from core.analysis.observations.strengths import observe_gap, observe_nothing_learnt


def make_ends(train: float, validation: float, seeds: int = 3, score: float = 0.9, held: float = 0.8) -> Ends:
    return {
        seed: RunEnd(train + 0.01 * seed, validation + 0.013 * seed**2, score, held - 0.01 * seed)
        for seed in range(seeds)
    }


def make_valley(seeds: int = 3, epochs: int = 20, turn: int = 8, noise: float = 0.01) -> Matrix:
    """Down to 0.2 at the epoch ``turn``, then up to 0.2 more."""
    shape: Matrix = np.r_[np.linspace(1, 0.2, turn), np.linspace(0.2, 0.4, epochs - turn + 1)[1:]]
    curves: Matrix = shape + noise * np.random.default_rng(0).normal(size=(seeds, epochs))
    return curves


def read_numbers(sentence: str) -> list[float]:
    return [float(text.replace("−", "-").replace(",", "")) for text in re.findall(r"−?\d[\d,]*(?:\.\d+)?", sentence)]


def test_a_validation_loss_that_turns_up_is_said_to_with_its_epoch_and_losses() -> None:
    curves = make_valley()
    found = observe_turn(curves, complete=True)
    assert found is not None
    assert (found.kind, found.chart) == ("over_fitting", "validation_loss")
    mean = curves.mean(0)
    assert found.numbers["epoch"] == int(mean.argmin()) + 1
    assert found.numbers["lowest"] == pytest.approx(mean.min())
    assert found.numbers["end"] == pytest.approx(mean[-1])
    assert found.numbers["low"] < mean[-1] - mean.min() + 0.02
    assert f"turns up at epoch {found.numbers['epoch']:.0f}, " in found.sentence
    assert "at epoch 20 (mean of 3 seeds; a rise of " in found.sentence


@given(st.integers(2, 6), st.integers(5, 30), st.integers(0, 10_000))
def test_every_number_in_the_sentence_is_one_of_the_data(seeds: int, epochs: int, seed: int) -> None:
    curves = make_valley(seeds, epochs, turn=3, noise=0.005) + np.random.default_rng(seed).random()
    found = observe_turn(curves, complete=True)
    if found is None:
        return
    own = list(found.numbers.values())
    for number in read_numbers(found.sentence):
        assert number == 95 or any(number == pytest.approx(value, rel=5e-3, abs=1e-12) for value in own)


def test_noise_is_no_turn() -> None:
    """The lowest of many losses is low by luck: of 400 flat ones, 2.5 % and what chance adds may be called a rise."""
    generator = np.random.default_rng(1)
    found = [observe_turn(1 + 0.2 * generator.normal(size=(4, 30)), complete=False) for _ in range(400)]
    assert sum(each is not None for each in found) < 20


def test_a_rise_too_small_to_matter_is_not_said() -> None:
    curves = 1 + np.linspace(0, 0.01, 20) + 1e-5 * np.random.default_rng(0).normal(size=(3, 20))
    assert observe_turn(curves, complete=True) is None


def test_one_seed_says_nothing_and_neither_do_seeds_that_are_copies() -> None:
    assert observe_turn(make_valley(1), complete=True) is None
    assert observe_turn(np.tile(make_valley(1), (3, 1)), complete=True) is None
    assert observe_turn(np.full((3, 5), np.nan), complete=True) is None


def test_a_loss_that_still_falls_is_said_to_once_no_epoch_is_to_come() -> None:
    falling = np.linspace(1, 0.2, 20) + 1e-4 * np.random.default_rng(0).normal(size=(3, 20))
    found = observe_turn(falling, complete=True)
    assert found is not None
    assert found.kind == "still_falling"
    assert "lowest at epoch 20 of 20, with 0.2 " in found.sentence
    assert observe_turn(falling, complete=False) is None


def test_examples_learnt_by_heart_are_said_to_be() -> None:
    train = np.tile([0.5, 0.9, 1.0, 1.0], (3, 1))
    found = observe_by_heart(make_ends(0, 1, score=1.0, held=0.7), train)
    assert found is not None
    assert (found.numbers["epoch"], found.numbers["train_score"]) == (3, 1.0)
    assert found.numbers["validation_score"] == pytest.approx(0.69)
    assert found.sentence == (
        "Baseline: it learns the training examples by heart, 100.0 % right at the end and 99.5 % from epoch 3 on; "
        "of the validation examples 69.0 % (mean of 3 seeds)."
    )
    assert observe_by_heart(make_ends(0, 1, score=0.9, held=0.7), train) is None
    assert observe_by_heart(make_ends(0, 1, score=1.0, held=0.98), train) is None
    assert observe_by_heart(make_ends(0, 1, seeds=1, score=1.0, held=0.7), train[:1]) is None


def test_a_gap_is_compared_with_the_baselines_of_the_same_seeds() -> None:
    own, baseline = make_ends(0.3, 0.4), make_ends(0.1, 0.9)
    own = {seed: RunEnd(end.train_loss, end.validation_loss + 0.01 * (seed == 1), 0, 0) for seed, end in own.items()}
    found = observe_gap("l2", 0.01, own, baseline)
    assert found is not None
    gaps = [[end.validation_loss - end.train_loss for end in ends.values()] for ends in (own, baseline)]
    assert found.numbers["gap"] == pytest.approx(np.mean(gaps[0]))
    assert found.numbers["baseline_gap"] == pytest.approx(np.mean(gaps[1]))
    assert found.sentence.startswith("L2 at λ = 10⁻²: validation loss less training loss is 0.1")
    assert (found.regularizer, found.strength) == ("l2", 0.01)


def test_replicates_that_share_rows_need_more_to_be_told_apart() -> None:
    own, baseline = make_ends(0.3, 0.4), make_ends(0.1, 0.9, seeds=3)
    own = {seed: RunEnd(end.train_loss, end.validation_loss + 0.01 * (seed == 1), 0, 0) for seed, end in own.items()}
    alone, shared = (
        observe_gap("l2", 0.01, own, baseline, Design("folds", folds=3, correction=correction))
        for correction in (0.0, 0.5)
    )
    assert alone is not None
    assert shared is not None
    assert shared.numbers["high"] - shared.numbers["low"] > alone.numbers["high"] - alone.numbers["low"]
    assert "; 3 folds)." in shared.sentence


def test_a_gap_that_noise_explains_is_not_said() -> None:
    generator = np.random.default_rng(0)
    own: Ends = {seed: RunEnd(0, 0.5 + generator.normal(), 0, 0) for seed in range(5)}
    other: Ends = {seed: RunEnd(0, 0.5 + generator.normal(), 0, 0) for seed in range(5)}
    assert observe_gap("l2", 0.1, own, other) is None
    assert observe_gap("l2", 0.1, make_ends(0, 1, seeds=1), make_ends(0, 2, seeds=1)) is None
    assert observe_gap("l2", 0.1, {}, other) is None


def test_strengths_at_which_nothing_is_learnt_are_named_from_the_weakest_of_them() -> None:
    path = {s: make_ends(1, 1, score=score) for s, score in ((0.01, 0.8), (0.1, 0.12), (1.0, 0.1))}
    found = observe_nothing_learnt("l1", path, make_ends(0, 0), 0.1, "classification")
    assert found is not None
    assert found.strength == 0.1
    assert found.sentence == (
        "L1: at λ ≥ 0.1 the network learns nothing (training accuracy at most 12.0 %, by guessing 10.0 %; 6 runs)."
    )


def test_a_strength_that_learns_nothing_below_one_that_does_is_an_accident() -> None:
    path = {s: make_ends(1, 1, score=score) for s, score in ((0.01, 0.1), (0.1, 0.8))}
    assert observe_nothing_learnt("l1", path, make_ends(0, 0), 0.1, "classification") is None


def test_where_smaller_is_stronger_it_is_the_smallest_that_learn_nothing() -> None:
    path = {s: make_ends(1, 1, score=score) for s, score in ((0.1, 0.1), (0.5, 0.1), (2.0, 0.8))}
    found = observe_nothing_learnt("max_norm", path, make_ends(0, 0), 0.1, "classification")
    assert found is not None
    assert "c ≤ 0.5" in found.sentence


def test_where_the_baseline_learns_nothing_no_strength_is_blamed() -> None:
    path = {1.0: make_ends(1, 1, score=0.1)}
    assert observe_nothing_learnt("l1", path, make_ends(0, 0, score=0.1), 0.1, "classification") is None
    assert observe_nothing_learnt("l1", path, {}, 0.1, "classification") is None


def test_an_r2_of_zero_but_for_rounding_is_written_as_zero() -> None:
    for score in (-1e-12, 1e-12):
        found = observe_nothing_learnt("l1", {1.0: make_ends(1, 1, score=score)}, make_ends(0, 0), 0.0, "regression")
        assert found is not None
        assert found.sentence == "L1: at λ = 1 the network learns nothing (training R² at most 0.000; 3 runs)."
