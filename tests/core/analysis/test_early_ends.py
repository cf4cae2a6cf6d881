"""What ended before the last epoch, in words."""

from __future__ import annotations

from dataclasses import dataclass

from core.analysis.early_ends import summarize_stops


@dataclass
class Run:
    regularizer: str
    strength: float
    stopped_epoch: int | None = None
    stopped_by: str | None = None
    diverged_epoch: int | None = None


def make_cell(regularizer: str, strength: float, epoch: int | None = None, by: str | None = None) -> list[Run]:
    return [Run(regularizer, strength, epoch, by) for _ in range(2)]


def test_each_halving_is_told_with_the_strengths_that_were_left() -> None:
    """Of eight strengths one had diverged and one had converged before the first halving."""
    runs = [
        *make_cell("none", 0.0),
        *make_cell("l1", 1.0, 10, "halving"),
        *make_cell("l1", 0.5, 10, "halving"),
        *make_cell("l1", 0.3, 10, "halving"),
        *make_cell("l1", 0.2, 20, "halving"),
        *make_cell("l1", 0.1),
        *make_cell("l1", 0.05),
        *make_cell("l1", 0.01, 4, "tolerance"),
        *(Run("l1", 100.0, diverged_epoch=2) for _ in range(2)),
        *make_cell("dropout", 0.3),
    ]
    stops = summarize_stops(runs)
    assert [(one.by, one.unit, one.first, one.last, one.count, one.of) for one in stops] == [
        ("halving", "strengths", 10, 10, 3, 6),
        ("halving", "strengths", 20, 20, 1, 3),
        ("tolerance", "runs", 4, 4, 2, 16),
    ]
    assert [one.sentence for one in stops] == [
        "Successive halving stopped 3 of 6 strengths of L1 at epoch 10.",
        "Successive halving stopped 1 of 3 strengths of L1 at epoch 20.",
        "2 of 16 runs of L1 reached the tolerance at epoch 4.",
    ]


def test_a_strength_with_a_seed_that_goes_on_was_ranked() -> None:
    runs = [
        Run("l2", 1.0, 5, "halving"),
        Run("l2", 1.0, 3, "tolerance"),
        Run("l2", 0.1),
        Run("l2", 0.1, 3, "tolerance"),
    ]
    halving, _ = summarize_stops(runs)
    assert (halving.count, halving.of) == (1, 2)


def test_early_stopping_swept_fixed_and_of_the_baseline() -> None:
    runs = [
        Run("none", 0.0, 9, "early_stopping"),
        Run("none", 0.0),
        Run("early_stopping", 2.0, 7, "early_stopping"),
        Run("early_stopping", 9.0, 31, "early_stopping"),
        Run("early_stopping", 50.0),
        Run("elastic_net(mixing=0.5)", 0.1, 12, "early_stopping"),
    ]
    assert [one.sentence for one in summarize_stops(runs)] == [
        "Early stopping ended 1 of 2 runs of the baseline at epoch 9.",
        "Early stopping ended 2 of its 3 runs at epochs 7 to 31.",
        "Early stopping ended 1 of 1 run of Elastic net (mixing 0.5) at epoch 12.",
    ]
    assert summarize_stops([]) == []
