"""Verdicts on claims: words that follow from trends, what is left out, and no trend where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from core.analysis.claims.records import CLAIMS
from core.analysis.claims.trajectory import Trajectory
from core.analysis.claims.trend import find_trend
from core.analysis.claims.verdicts import ClaimVerdict, judge_claims
from core.analysis.crossed_interval import adjust_by_holm
from core.analysis.design import Design
from tests.core.analysis.claims.trajectories import draw_nothing, make_trajectory


def make_sweep(key: str = "l2", strengths: tuple[float, ...] = (0.01, 0.1, 1.0), seeds: int = 3) -> list[Trajectory]:
    """Each strength halves the loss a little later; the validation loss is nearer to it, the weights are smaller."""
    runs = []
    for place, strength in enumerate((0.0, *strengths)):
        for seed in range(seeds):
            loss = 2 * np.exp(-np.arange(13) / (2 + place)) + 0.001 * seed
            runs.append(
                make_trajectory(
                    loss.tolist(),
                    key if place else "none",
                    strength,
                    seed,
                    validation_loss=loss + (0.5 - 0.1 * place) * np.arange(13) / 12 + 0.01 * seed,
                    weight_norm=np.full(13, 5.0 - place + 0.1 * seed),
                    zero_share=np.full(13, 0.1 * place),
                    largest_weight=2.0 - 0.2 * place,
                    batch_losses=0.1 * (5 - place) * np.random.default_rng(seed).normal(size=28) + 1,
                )
            )
    return runs


def find(verdicts: list[ClaimVerdict], claim: str, key: str = "l2") -> ClaimVerdict:
    return next(each for each in verdicts if (each.claim, each.regularizer) == (claim, key))


def test_each_claim_holds_where_its_number_goes_as_the_textbook_says() -> None:
    verdicts = judge_claims(make_sweep(), "classification")
    assert [verdict.claim for verdict in verdicts] == [claim.name for claim in CLAIMS]
    # The level of the loss is the same, so the relative roughness goes with the other.
    assert {verdict.word for verdict in verdicts if verdict.claim != "turn"} == {"holds"}
    fall = find(verdicts, "fall_half")
    assert fall.correlation == pytest.approx(1)
    assert fall.sentence.startswith("Holds: ")
    assert "trend over the baseline and 3 strengths, 3 seeds; rank correlation 1.00; p " in fall.sentence


def test_the_words_follow_from_trends_adjusted_over_all_of_them() -> None:
    verdicts = judge_claims([*make_sweep(), *[run for run in make_sweep("l1") if run.strength]], "classification")
    assert len(verdicts) == 2 * len(CLAIMS)
    p_values = [verdict.p for verdict in verdicts]
    assert [verdict.adjusted_p for verdict in verdicts] == adjust_by_holm([p for p in p_values if p is not None])
    for verdict in verdicts:
        used = [cell for cell in verdict.cells if cell.left_out is None]
        matrix = np.array([[cell.values[str(seed)] for cell in used] for seed in range(3)], float)
        assert verdict.p == pytest.approx(find_trend(matrix).p)
        assert verdict.adjusted_p is not None
        assert (verdict.word in ("holds", "reverse")) == (verdict.adjusted_p < 0.05)


def test_where_the_number_goes_the_other_way_the_reverse_holds() -> None:
    rising = [
        make_trajectory((1.0, 0.5), run.regularizer, run.strength, run.replicate, weight_norm=10 - run.weight_norm[:2])
        for run in make_sweep()
    ]
    verdict = find(judge_claims(rising, "classification"), "norm")
    assert verdict.word == "reverse"
    assert verdict.sentence.startswith("The reverse holds: ")


@pytest.mark.parametrize(
    "levels", [(6, 5, 4, 3, 2, 1, 5.5), (*range(11, 0, -1), 11.5)], ids=["weak", "back where it was"]
)
def test_a_trend_that_is_not_steady_is_mixed(levels: tuple[float, ...]) -> None:
    runs = [
        make_trajectory((1.0, 0.5), "l2" if place else "none", float(place), seed,
                        weight_norm=np.full(2, level + 0.01 * seed))
        for place, level in enumerate(levels)
        for seed in range(12)
    ]  # fmt: skip
    verdict = find(judge_claims(runs, "classification"), "norm")
    assert (verdict.word, verdict.steady) == ("mixed", False)
    assert verdict.sentence.startswith("Mixed: ")
    assert "does not go with the strength steadily" in verdict.sentence


def test_where_smaller_is_stronger_the_order_is_turned() -> None:
    capped = make_sweep("max_norm", (4.0, 2.0, 1.0))
    verdict = find(judge_claims(capped, "classification"), "norm", "max_norm")
    assert [cell.strength for cell in verdict.cells] == [0.0, 4.0, 2.0, 1.0]
    assert verdict.word == "holds"


def test_a_strength_of_zero_is_the_baseline_and_no_other() -> None:
    doubled = make_sweep("l2", (0.0, 0.1, 1.0))
    verdict = find(judge_claims(doubled, "classification"), "norm")
    assert [(cell.regularizer, cell.strength) for cell in verdict.cells] == [("none", 0.0), ("l2", 0.1), ("l2", 1.0)]


def test_one_seed_gives_no_verdict_and_says_why() -> None:
    verdict = find(judge_claims(make_sweep(seeds=1), "classification"), "norm")
    assert (verdict.word, verdict.reason, verdict.p) == ("not_judged", "one_replicate", None)
    assert "one seed cannot be told from luck" in verdict.sentence
    assert "Seen: 5 in the baseline, 2 at λ = 1." in verdict.sentence


def test_seeds_that_come_to_the_same_solution_are_no_sample() -> None:
    copies = [
        make_trajectory((2.0, 1.0, 0.5 + 0.1 * place), "l2" if place else "none", float(place), seed,
                        weight_norm=np.full(3, 5.0 - place) * (1 + 1e-7 * seed))
        for place in range(4)
        for seed in range(5)
    ]  # fmt: skip
    verdicts = judge_claims(copies, "classification")
    assert find(verdicts, "norm").reason == "same_replicates"
    assert {verdict.word for verdict in verdicts} == {"not_judged"}


def test_a_strength_that_diverged_is_left_out_by_name() -> None:
    runs = [
        make_trajectory(run.train_loss.tolist(), "l2", 1.0, run.replicate, lost="diverged")
        if run.strength == 1 and run.replicate == 2
        else run
        for run in make_sweep(strengths=(0.01, 0.1, 0.5, 1.0))
    ]
    verdict = find(judge_claims(runs, "classification"), "norm")
    assert (verdict.strengths, verdict.replicates) == (3, 3)
    assert verdict.cells[-1].left_out == "diverged"
    assert "Left out: λ = 1 (diverged)." in verdict.sentence


def test_a_seed_without_a_baseline_is_left_out_and_without_any_there_is_no_verdict() -> None:
    def lose(*seeds: int) -> ClaimVerdict:
        runs = make_sweep()
        lost = [
            make_trajectory(run.train_loss.tolist(), "none", 0.0, run.replicate, lost="failed")
            if run.strength == 0 and run.replicate in seeds
            else run
            for run in runs
        ]
        return find(judge_claims(lost, "classification"), "norm")

    assert lose(1).replicates == 2
    assert lose(0, 1, 2).reason == "no_baseline"


def test_runs_that_never_reach_it_are_censored_counted_and_rank_last() -> None:
    runs = [
        make_trajectory((2.0,) * 13, "l2", 1.0, run.replicate) if run.strength == 1 else run for run in make_sweep()
    ]
    verdict = find(judge_claims(runs, "classification"), "fall_half")
    assert (verdict.word, verdict.censored) == ("holds", 3)
    assert verdict.cells[-1].values == {"0": None, "1": None, "2": None}
    assert "not reached at λ = 1" in verdict.sentence
    assert "3 runs had not reached it by the end, and rank last." in verdict.sentence


def test_epochs_of_one_step_have_no_roughness_to_judge() -> None:
    whole = [make_trajectory(run.train_loss.tolist(), run.regularizer, run.strength, run.replicate, steps=1)
             for run in make_sweep()]  # fmt: skip
    assert find(judge_claims(whole, "classification"), "roughness").reason == "one_step"


def test_without_any_run_of_the_baseline_there_is_no_number() -> None:
    assert (
        find(judge_claims([run for run in make_sweep() if run.strength], "classification"), "norm").reason
        == "no_number"
    )


def test_runs_that_are_still_missing_leave_out_what_cannot_be_compared() -> None:
    begun = [run for run in make_sweep() if run.replicate != 2 or run.strength == 0]
    assert find(judge_claims(begun, "classification"), "norm").replicates == 2
    nothing = [run for run in make_sweep() if run.strength == 0]
    assert judge_claims(nothing, "classification") == []


def test_so_few_that_nothing_could_be_shown_are_said_to_be() -> None:
    verdict = find(judge_claims(make_sweep(strengths=(1.0,), seeds=2), "classification"), "norm")
    assert verdict.word == "not_shown"
    assert "So few seeds and strengths could not show it." in verdict.sentence


def test_folds_are_called_folds() -> None:
    design = Design("folds", seeds=1, folds=3)
    assert "3 strengths, 3 folds; " in find(judge_claims(make_sweep(), "classification", design), "norm").sentence
    one = find(judge_claims(make_sweep(seeds=1), "classification", design), "norm")
    assert "one fold cannot be told from luck" in one.sentence


def test_regression_speaks_of_r2() -> None:
    assert "training R²" in find(judge_claims(make_sweep(), "regression"), "rise_half").title


@pytest.mark.parametrize(("regularizers", "strengths", "seeds"), [(1, 6, 3), (3, 3, 5), (1, 12, 2)])
def test_regularizers_that_do_nothing_seldom_get_a_verdict(regularizers: int, strengths: int, seeds: int) -> None:
    """Any of all claims, in at most 5 % of 200 sweeps and what chance adds: 18 or more come once in 100 times."""
    generator = np.random.default_rng(seeds)
    sweeps = (draw_nothing(generator, regularizers, strengths, seeds) for _ in range(200))
    wrong = sum(
        any(each.word in ("holds", "reverse") for each in judge_claims(runs, "classification")) for runs in sweeps
    )
    assert wrong < 18
