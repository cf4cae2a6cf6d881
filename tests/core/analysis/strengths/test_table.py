"""The table per strength, on numbers that one can check by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.analysis.strengths.estimate import estimate
from core.analysis.strengths.table import StrengthRow, tabulate_strengths


def make_run(regularizer: str, strength: float, seed: int, score: float, **changes: Any) -> Any:
    row = {
        "epoch": 10, "train_score": score + 0.1, "validation_score": score, "train_loss": 0.5 - score / 2,
        "validation_loss": 1 - score, "zero_share": strength, "weight_l2": 3.0,
    }  # fmt: skip
    run = {"state": "completed", "last": row, "best": row | {"epoch": 4, "validation_score": score + 0.05}}
    rest = {"split": 0, "stopped_by": None, "stopped_epoch": None}
    return SimpleNamespace(regularizer=regularizer, strength=strength, seed=seed, **run | rest | changes)


def tabulate(runs: list[Any], metric: Any = "score") -> dict[tuple[str, float], StrengthRow]:
    return {(row.regularizer, row.strength): row for row in tabulate_strengths(runs, metric).rows}


def make_sweep() -> list[Any]:
    base = [make_run("none", 0.0, seed, 0.6 + 0.1 * seed) for seed in range(3)]
    weak = [make_run("l1", 1e-3, seed, 0.62 + 0.1 * seed) for seed in range(3)]
    strong = [make_run("l1", 1e-2, seed, 0.5) for seed in range(3)]
    return [*base, *weak, *strong]


def test_a_difference_is_paired_by_seed() -> None:
    row = tabulate(make_sweep())["l1", 1e-3]
    assert row.score is not None
    assert row.difference is not None
    assert row.score.mean == pytest.approx(0.72)
    assert row.score.half_width == pytest.approx(stats.t.ppf(0.975, 2) * 0.1 / np.sqrt(3))
    # The seeds differ by 0.1 each, the pairs do not.
    assert row.difference.mean == pytest.approx(0.02)
    assert row.difference.half_width == pytest.approx(0, abs=1e-12)


def test_a_difference_is_paired_by_fold_too() -> None:
    cells = (("none", 0.0, 0.0), ("l1", 1.0, 0.02))
    folds = [make_run(key, s, 0, 0.5 + 0.1 * fold + gain, split=fold) for key, s, gain in cells for fold in range(3)]
    row = tabulate(folds)["l1", 1.0]
    assert row.difference is not None
    assert row.difference.replicates == 3
    assert row.difference.mean == pytest.approx(0.02)
    assert row.difference.half_width == pytest.approx(0, abs=1e-12)


def test_only_seeds_that_both_have_are_compared() -> None:
    runs = [run for run in make_sweep() if (run.regularizer, run.seed) != ("none", 2)]
    row = tabulate(runs)["l1", 1e-3]
    assert row.difference is not None
    assert (row.difference.replicates, row.score.replicates if row.score else 0) == (2, 3)


def test_the_baseline_comes_first_and_has_no_difference() -> None:
    rows = tabulate_strengths(make_sweep(), "score").rows
    assert [row.name for row in rows] == ["Baseline", "λ = 10⁻³", "λ = 10⁻²"]
    assert rows[0].difference is None


def test_gap_zeros_norm_and_epochs() -> None:
    row = tabulate(make_sweep())["l1", 1e-2]
    found = {
        name: own.mean if (own := getattr(row, name)) is not None else None
        for name in ("gap", "loss_gap", "zeros", "norm", "epochs")
    }
    assert found == pytest.approx({"gap": 0.1, "loss_gap": 0.25, "zeros": 0.01, "norm": 3.0, "epochs": 10})


def test_by_the_loss_differences_are_of_the_loss() -> None:
    row = tabulate(make_sweep(), "loss")["l1", 1e-3]
    assert row.difference is not None
    assert row.difference.mean == pytest.approx(-0.02)


def test_the_strengths_that_validation_chooses_are_marked() -> None:
    rows = tabulate(make_sweep())
    assert [(row.strength, row.is_minimum, row.is_one_standard_error) for row in rows.values()] == [
        (0.0, False, False), (1e-3, True, True), (1e-2, False, False),
    ]  # fmt: skip


def test_diverged_and_failed_runs_are_counted_and_not_averaged() -> None:
    runs = [*make_sweep(), make_run("l1", 1e-2, 3, 0.9, state="diverged"), make_run("l1", 1e-2, 4, 0.9, state="failed")]
    row = tabulate(runs)["l1", 1e-2]
    assert (row.runs, row.diverged, row.failed) == (5, 1, 1)
    assert row.score is not None
    assert (row.score.mean, row.score.replicates) == (0.5, 3)


def test_under_early_stopping_the_best_row_counts() -> None:
    runs = [make_run("early_stopping", 3.0, seed, 0.5) for seed in range(2)]
    row = tabulate(runs)["early_stopping", 3.0]
    assert row.score is not None
    assert row.epochs is not None
    assert (row.score.mean, row.epochs.mean) == (0.55, 4)


def test_one_run_has_no_interval_and_none_has_no_mean() -> None:
    one = tabulate([make_run("l1", 1e-3, 0, 0.5), make_run("l1", 1e-2, 0, 0.5, last=None)])
    assert one["l1", 1e-3].score is not None
    assert one["l1", 1e-3].score.half_width is None
    assert one["l1", 1e-2].score is None


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=0, max_size=8))
def test_an_estimate_is_finite_whatever_the_values(values: list[float]) -> None:
    found = estimate(values)
    if found is not None:
        assert np.isfinite(found.mean)
        assert found.half_width is None or 0 <= found.half_width < np.inf


@given(st.floats(-1e6, 1e6), st.integers(2, 9))
def test_equal_values_have_an_interval_of_no_width(value: float, count: int) -> None:
    found = estimate([value] * count)
    assert found is not None
    assert found.half_width == 0
