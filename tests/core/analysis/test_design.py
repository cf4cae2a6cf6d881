"""Verdicts of seeds and folds with rows of their own: what is compared, and what is said of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.analysis.cells import Cell, find_best, summarize_cells
from core.analysis.cross_fitting import Replicate, compare_cross_fitted
from core.analysis.crossed_interval import compare_crossed, compare_nested
from core.analysis.design import Design, correct_folds
from core.analysis.verdict import Answer, judge
from tests.core.analysis.test_cells import make_run

EXAMPLES = 150
FOLDS = Design("folds", folds=10, correction=1 / 9)
BY_SEED = Design("by_seed", seeds=8, is_nested=True, correction=0.25)


def make_sweep(design: Design, gain: float = 0.2) -> tuple[list[Cell], dict[tuple[str, float], dict[Any, Replicate]]]:
    generator = np.random.default_rng(1)
    runs: list[Any] = []
    outcomes: dict[tuple[str, float], dict[Any, Replicate]] = {}
    for key, strength, level in (("none", 0.0, 0.6), ("l2", 0.1, 0.6 + gain), ("l2", 1.0, 0.6 + gain / 2)):
        for seed in range(design.seeds):
            for fold in range(design.folds):
                hits = generator.random(EXAMPLES) < level
                outcomes.setdefault((key, strength), {})[seed, fold] = Replicate(
                    level, hits if design.has_test else None
                )
                runs.append(make_run(key, strength, seed, level, loss=1 - level))
    return summarize_cells(runs), outcomes


def ask(design: Design, gain: float = 0.2) -> Answer:
    return judge(*make_sweep(design, gain), "score", "classification", design=design)


def subtract(design: Design) -> np.ndarray:
    _, outcomes = make_sweep(design)
    own, other = outcomes["l2", 0.1], outcomes["none", 0.0]
    return np.array([own[name].outcomes.astype(float) - other[name].outcomes for name in own])  # type: ignore[union-attr]


def draw_regression(generator: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    x = generator.normal(size=(rows, 20))
    return x, x @ (0.15 * np.sin(np.arange(20))) + generator.normal(size=rows)


def fit_ridge(x: np.ndarray, y: np.ndarray, strength: float) -> np.ndarray:
    weights: np.ndarray = np.linalg.solve(x.T @ x + strength * len(y) * np.eye(20), x.T @ y)
    return weights


@pytest.mark.parametrize(("rows", "examples"), [(80, 100), (300, 40), (300, 300)])
def test_intervals_over_folds_of_exact_optima_hold_the_truth(rows: int, examples: int) -> None:
    """Ridge regression against least squares, over training and test rows drawn anew."""
    generator = np.random.default_rng(0)
    found = []
    for _ in range(200):
        (x, y), (test_x, test_y) = draw_regression(generator, rows), draw_regression(generator, examples)
        kept = [np.setdiff1d(np.arange(rows), part) for part in np.array_split(np.arange(rows), 10)]
        own, other = (
            np.array([(test_y - test_x @ fit_ridge(x[train], y[train], strength)) ** 2 / 2 for train in kept])
            for strength in (0.1, 0.0)
        )
        found.append(compare_crossed(own - other, correct_folds(10, is_exact=True)))
    truth = np.mean([each.mean for each in found])
    intervals = [each.interval for each in found if each.interval is not None]
    assert len(intervals) == 200
    assert np.mean([each.low <= truth <= each.high for each in intervals]) >= 0.92


def test_folds_are_paired_by_seed_and_fold_and_widened() -> None:
    answer = ask(FOLDS)
    (verdict,) = answer.verdicts
    found = compare_crossed(subtract(FOLDS), 1 / 9)
    assert found.interval is not None
    assert (verdict.low, verdict.high, verdict.p) == (found.interval.low, found.interval.high, found.interval.p)
    assert (verdict.word, verdict.replicates) == ("better", 10)
    assert "10 folds × 150 examples;" in verdict.sentence
    assert "Folds share training rows, so the interval is widened (Nadeau & Bengio 2003)." in answer.basis
    repeated = Design("folds", seeds=2, folds=3, correction=0.5)
    assert "2 seeds × 3 folds × 150 examples;" in ask(repeated).verdicts[0].sentence


def test_seeds_with_test_rows_of_their_own_are_compared_by_their_means() -> None:
    answer = ask(BY_SEED)
    (verdict,) = answer.verdicts
    found = compare_nested(subtract(BY_SEED), 0.25)
    assert found.interval is not None
    assert (verdict.low, verdict.high, verdict.degrees) == (found.interval.low, found.interval.high, 7)
    assert "8 seeds × 150 examples of its own;" in verdict.sentence
    assert "drawn from the same data" in answer.basis
    assert "widened" not in ask(Design("by_seed", seeds=8, is_nested=True)).basis


def test_without_a_test_part_a_strength_is_chosen_and_never_judged() -> None:
    answer = ask(Design("folds", folds=10, correction=1 / 9, has_test=False))
    (verdict,) = answer.verdicts
    assert (verdict.word, verdict.reason, verdict.p, verdict.difference) == ("not_judged", "no_test", None, None)
    assert verdict.selection is not None
    assert verdict.selection.minimum.strength == 0.1
    assert verdict.sentence == (
        "L2 at λ = 0.1, chosen of 2 strengths on validation: chosen, not judged, since there is no test part. "
        "That is the weakest λ tried: the best may lie beyond."
    )
    assert answer.sentence == ("Chosen, not judged: there is no test part, of 1 regularizer and 2 strengths tried.")
    assert answer.basis.endswith("chosen, not judged.")


def test_a_fixed_split_is_said_to_be_about_these_rows_only() -> None:
    assert ask(Design(seeds=3)).basis.startswith("About these rows only: ")


def test_deviations_are_over_folds_where_there_are_folds() -> None:
    best = find_best(make_sweep(FOLDS)[0], design=FOLDS)
    assert best is not None
    assert "(± is the standard deviation over 10 folds; 2 strengths tried)" in best.sentence


def test_rows_that_chose_for_others_do_not_alone_make_a_verdict() -> None:
    """Every strength shifts outcomes on the data's own rows, and none does on others: 30 such, 40 seeds."""
    generator, rows, better = np.random.default_rng(0), 400, {True: 0, False: 0}
    for _ in range(40):
        shifts = generator.normal(size=(30, rows))
        path: dict[float, dict[Any, Replicate]] = {float(place): {} for place in range(30)}
        baseline: dict[Any, Replicate] = {}
        for seed in range(40):
            order = generator.permutation(rows)
            test, validation = order[:80], order[80:160]
            baseline[seed] = Replicate(0.0, np.zeros(80))
            for place, shift in enumerate(shifts):
                path[float(place)][seed] = Replicate(float(shift[validation].mean()), shift[test])
        for guarded in better:
            design = Design("by_seed", seeds=40, is_nested=True, correction=0.25)
            pooled = compare_cross_fitted(path, baseline, "l2", design if guarded else Design(seeds=40))
            assert pooled is not None
            if not guarded:
                # As it was without the guard: by the others' choice alone, as nested replicates.
                strength = max(path, key=lambda s: np.mean([each.validation for each in path[s].values()]))
                pooled = compare_nested(np.array([each.outcomes for each in path[strength].values()]), 0.25)
            interval = pooled.interval
            better[guarded] += interval is not None and interval.low > 0
    assert better[True] <= 2 < better[False]


@pytest.mark.parametrize("design", [Design(), FOLDS, BY_SEED])
def test_every_design_says_what_its_answer_is_about(design: Design) -> None:
    assert design.describe().endswith(".")
