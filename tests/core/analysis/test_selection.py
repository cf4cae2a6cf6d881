"""λ_min and λ_1se: as scikit-learn's and glmnet's, ties to the stronger, unsound strengths out, edges said."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LassoCV

from core.analysis.cells import Cell, summarize_cells
from core.analysis.selection import Metric, Selection, beats, select_strength, suggest_between, suggest_beyond
from tests.core.analysis.test_cells import make_run


def make_cells(table: dict[float, list[float]], regularizer: str = "l2") -> list[Cell]:
    """Losses by strength; the score of each is its negative."""
    runs = [
        make_run(regularizer, strength, seed, -loss, loss=loss)
        for strength, losses in table.items()
        for seed, loss in enumerate(losses)
    ]
    return [cell for cell in summarize_cells(runs) if cell.regularizer == regularizer]


def expect(cells: list[Cell], metric: Metric = "loss") -> Selection:
    found = select_strength(cells, metric)
    assert found is not None
    return found


@pytest.mark.parametrize("shuffled", [False, True])
def test_it_is_scikit_learns_minimum_and_glmnets_rule_on_its_fold_errors(shuffled: bool) -> None:
    x, y = load_diabetes(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y)) if shuffled else np.arange(len(y))
    peer = LassoCV(cv=10, alphas=40).fit(x[order], y[order])
    errors = peer.mse_path_
    means, standard = errors.mean(1), errors.std(1, ddof=1) / math.sqrt(errors.shape[1])
    best = int(np.argmin(means))
    within = peer.alphas_[means <= means[best] + standard[best]]
    found = expect(make_cells(dict(zip(peer.alphas_.tolist(), errors.tolist(), strict=True)), "l1"))
    assert found.minimum.strength == peer.alpha_
    assert found.one_standard_error is not None
    assert found.one_standard_error.strength == within.max()
    assert found.standard_error == pytest.approx(standard[best])
    assert found.tried == 40


def test_of_equal_means_the_strongest_is_chosen() -> None:
    assert expect(make_cells({0.1: [1, 2], 0.01: [2, 1], 1: [3, 3]})).minimum.strength == 0.1
    caps = make_cells({0.1: [1, 2], 0.01: [2, 1], 1: [3, 3]}, "max_norm")
    assert expect(caps).minimum.strength == 0.01


def test_within_one_standard_error_a_smaller_cap_is_the_stronger() -> None:
    table = {1.0: [1.2, 1.4], 2.0: [1.0, 1.4], 4.0: [1.25, 1.3]}
    assert [cell.strength for cell in _list(expect(make_cells(table, "max_norm")))] == [2, 1]
    assert [cell.strength for cell in _list(expect(make_cells(table)))] == [2, 4]


def _list(found: Selection) -> list[Cell]:
    assert found.one_standard_error is not None
    return [found.minimum, found.one_standard_error]


def test_one_replicate_has_no_standard_error_and_no_rule() -> None:
    found = expect(make_cells({0.1: [1], 0.2: [2]}))
    assert (found.minimum.strength, found.one_standard_error, found.standard_error) == (0.1, None, None)


def test_a_strength_with_a_diverged_run_is_not_chosen() -> None:
    runs = [make_run("l2", 0.1, 0, 0.9), make_run("l2", 0.1, 1, None, "diverged"), make_run("l2", 1, 0, 0.5)]
    assert expect([c for c in summarize_cells(runs) if c.regularizer == "l2"], "score").minimum.strength == 1
    assert select_strength([c for c in summarize_cells(runs[:2]) if c.regularizer == "l2"], "score") is None
    assert select_strength([], "score") is None


def test_score_and_loss_may_choose_differently() -> None:
    runs = [make_run("l2", 0.1, 0, 0.9, loss=0.5), make_run("l2", 1, 0, 0.8, loss=0.4)]
    cells = [cell for cell in summarize_cells(runs) if cell.regularizer == "l2"]
    assert expect(cells, "score").minimum.strength == 0.1
    assert expect(cells, "loss").minimum.strength == 1


@pytest.mark.parametrize(
    ("regularizer", "best", "edge"),
    [("l2", 0.01, "weakest"), ("l2", 1, "strongest"), ("l2", 0.1, None), ("max_norm", 0.01, "strongest")],
)
def test_an_optimum_at_the_edge_of_the_grid_is_said(regularizer: str, best: float, edge: str | None) -> None:
    cells = make_cells({s: [0.0 if s == best else 1.0] for s in (0.01, 0.1, 1)}, regularizer)
    assert expect(cells).edge == edge


def test_a_single_strength_has_no_edge() -> None:
    assert expect(make_cells({0.1: [1]})).edge is None


def test_beyond_the_edge_the_grid_goes_on() -> None:
    assert suggest_beyond([1e-4, 1e-3, 1e-2], "strongest", "l2") == [0.1, 1.0, 10.0]
    assert suggest_beyond([1e-4, 1e-3, 1e-2], "weakest", "l2") == [1e-5, 1e-6, 1e-7]
    assert suggest_beyond([1, 2], "strongest", "max_norm") == [0.5, 0.25, 0.125]
    assert suggest_beyond([0.1, 0.2], "strongest", "dropout") == [0.3, 0.4, 0.5]
    assert suggest_beyond([0.1], "strongest", "l2") == []


def test_between_neighbours_the_grid_is_refined() -> None:
    assert suggest_between([1e-4, 1e-2, 1], 1e-2, "l2") == [1e-3, 0.1]
    assert suggest_between([1e-4, 1e-2, 1], 1, "l2") == [0.1]
    assert suggest_between([0.1, 0.2, 0.4], 0.2, "dropout") == [0.15, 0.3]


@given(st.dictionaries(st.floats(1e-6, 1e3), st.lists(st.floats(-5, 5), min_size=2, max_size=4), min_size=1))
def test_the_choice_is_the_least_loss_and_the_rule_is_never_weaker(table: dict[float, list[float]]) -> None:
    found = expect(make_cells(table))
    means = {strength: float(np.mean(losses)) for strength, losses in table.items()}
    assert means[found.minimum.strength] == pytest.approx(min(means.values()), abs=1e-9)
    assert found.one_standard_error is not None
    assert found.one_standard_error.strength >= found.minimum.strength
    assert not beats(found.minimum, found.minimum, "loss")
