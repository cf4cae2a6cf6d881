"""Verdicts: words that follow from numbers, ties that are ties, and no crown for what does nothing."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
import pytest

from benchmarks.coverage import measure_false_verdicts
from core.analysis.cells import Cell, summarize_cells
from core.analysis.cross_fitting import Replicate
from core.analysis.crossed_interval import adjust_by_holm, compare_crossed
from core.analysis.digits import format_p
from core.analysis.verdict import Answer, Verdict, judge
from tests.core.analysis.test_cells import make_run

EXAMPLES = 200
Outcomes = dict[tuple[str, float], dict[Hashable, Replicate]]


def make_sweep(gains: dict[str, list[float]], seeds: int = 5) -> tuple[list[Cell], Outcomes]:
    """Regularizers with strengths 0.1, 1, … that are right so much oftener than the baseline's 70 %, on both sets."""
    generator = np.random.default_rng(0)
    hard = generator.random(EXAMPLES)
    runs, outcomes = [], Outcomes()
    for key, levels in {"none": [0.0], **gains}.items():
        for place, gain in enumerate(levels):
            strength = 0.0 if key == "none" else 10.0 ** (place - 1)
            for seed in range(seeds):
                hits = hard + generator.normal(0, 0.05, EXAMPLES) < 0.7 + gain
                score = 0.7 + gain + 0.001 * seed
                outcomes.setdefault((key, strength), {})[seed] = Replicate(score, hits)
                runs.append(make_run(key, strength, seed, score, loss=0.6 - gain))
    return summarize_cells(runs), outcomes


def ask(gains: dict[str, list[float]], seeds: int = 5, **choices: Any) -> Answer:
    return judge(*make_sweep(gains, seeds), choices.pop("metric", "score"), "classification", **choices)


def subtract(outcomes: Outcomes, strength: float, seeds: int) -> np.ndarray:
    """Of L2 at this strength and the baseline, (seeds, examples)."""
    pairs = [(outcomes["l2", strength][seed].outcomes, outcomes["none", 0.0][seed].outcomes) for seed in range(seeds)]
    return np.array([one.astype(float) - other for one, other in pairs if one is not None and other is not None])


def find(answer: Answer, key: str) -> Verdict:
    return next(verdict for verdict in answer.verdicts if verdict.regularizer == key)


def test_the_best_comes_first_and_each_word_follows_from_its_numbers() -> None:
    answer = ask({"l1": [-0.3, -0.2], "dropout": [0.0, 0.0], "l2": [0.05, 0.12, 0.03]})
    assert [(verdict.regularizer, verdict.word) for verdict in answer.verdicts] == [
        ("l2", "better"),
        ("dropout", "no_difference"),
        ("l1", "worse"),
    ]
    best = answer.verdicts[0]
    assert best.selection is not None
    assert (best.selection.minimum.strength, best.selection.tried, answer.strengths) == (1.0, 3, 7)
    assert best.resolution is None
    p_values = [verdict.p for verdict in answer.verdicts]
    assert [verdict.adjusted_p for verdict in answer.verdicts] == adjust_by_holm([p for p in p_values if p is not None])


def test_the_numbers_are_those_of_the_crossed_interval() -> None:
    cells, outcomes = make_sweep({"l2": [0.05, 0.12]})
    verdict = judge(cells, outcomes, "score", "classification").verdicts[0]
    found = compare_crossed(subtract(outcomes, 1.0, 5))
    assert found.interval is not None
    assert (verdict.difference, verdict.low, verdict.high) == (found.mean, found.interval.low, found.interval.high)
    assert (verdict.p, verdict.degrees) == (found.interval.p, found.interval.degrees)
    assert (verdict.replicates, verdict.examples) == (5, EXAMPLES)


def test_the_sentence_has_effect_interval_seeds_strengths_and_examples() -> None:
    verdict = find(ask({"l2": [0.05, 0.12, 0.03], "l1": [0.01]}), "l2")
    assert verdict.difference is not None
    assert verdict.low is not None
    assert verdict.high is not None
    assert verdict.sentence == (
        f"L2 at λ = 1, chosen of 3 strengths on validation: +{100 * verdict.difference:.1f} points on test "
        f"(95 % interval {100 * verdict.low:.1f} to {100 * verdict.high:.1f}; 5 seeds × 200 examples; "
        "p < 0.001, Holm-adjusted over 2): better."
    )


def test_the_head_says_how_many_were_tried() -> None:
    answer = ask({"l2": [0.05, 0.12, 0.03], "l1": [0.0]})
    assert answer.sentence.startswith("L2 at λ = 1 is better than the baseline by ")
    assert answer.sentence.endswith("on test, of 2 regularizers and 4 strengths tried.")
    nothing = ask({"l1": [0.0]})
    assert nothing.sentence == (
        "No regularizer is shown to be better than the baseline, of 1 regularizer and 1 strength tried."
    )
    assert ask({}).sentence == "Only the baseline was trained; there is nothing to compare it with."


def test_outcomes_that_are_the_baselines_are_a_tie() -> None:
    cells, outcomes = make_sweep({"l2": [0.1]})
    outcomes["l2", 0.1] = dict(outcomes["none", 0.0])
    verdict = judge(cells, outcomes, "score", "classification").verdicts[0]
    assert (verdict.word, verdict.difference, verdict.low, verdict.p) == ("tie", 0, None, None)
    assert verdict.sentence.endswith("every test outcome is the baseline's (5 seeds × 200 examples): a tie.")


def test_a_tie_on_validation_is_the_baselines() -> None:
    _, outcomes = make_sweep({"l2": [0.2]})
    runs = [make_run(key, s, seed, 0.7) for key, s in (("none", 0.0), ("l2", 0.1)) for seed in range(5)]
    verdict = judge(summarize_cells(runs), outcomes, "score", "classification").verdicts[0]
    assert verdict.low is not None
    assert verdict.low > 0
    assert (verdict.word, verdict.above_baseline) == ("no_difference", False)
    assert "the baseline would be chosen" in verdict.sentence


def test_one_seed_gives_no_interval_and_says_why() -> None:
    verdict = ask({"l2": [0.2]}, seeds=1).verdicts[0]
    assert (verdict.word, verdict.reason, verdict.low, verdict.p) == ("not_judged", "one_replicate", None, None)
    assert verdict.difference is not None
    assert "One seed cannot be told from luck" in verdict.sentence


def test_without_test_outcomes_nothing_is_judged() -> None:
    cells, _ = make_sweep({"l2": [0.1]})
    answer = judge(cells, {}, "score", "classification", missing="4 of 10 runs have not ended")
    assert [verdict.reason for verdict in answer.verdicts] == ["no_outcomes"]
    assert answer.sentence == "So far: Nothing is judged yet, of 1 regularizer and 1 strength tried."
    assert (answer.complete, answer.missing) == (False, "4 of 10 runs have not ended")


def test_only_pairs_of_the_same_seed_count() -> None:
    cells, outcomes = make_sweep({"l2": [0.1]})
    del outcomes["none", 0.0][1]
    del outcomes["l2", 0.1][2]
    assert judge(cells, outcomes, "score", "classification").verdicts[0].replicates == 3


def test_where_runs_diverged_they_are_named_and_cannot_win() -> None:
    runs = [make_run("none", 0, seed, 0.7) for seed in range(3)]
    runs += [make_run("l2", 1, 0, None, "diverged"), make_run("l2", 1, 1, 0.99)]
    answer = judge(summarize_cells(runs), {}, "score", "classification")
    assert [(cell.regularizer, cell.strength, cell.diverged) for cell in answer.excluded] == [("l2", 1, 1)]
    assert answer.verdicts[0].reason == "no_strength"
    lost = [make_run("none", 0, 0, None, "diverged"), make_run("l2", 1, 0, 0.9)]
    answer = judge(summarize_cells(lost), {}, "score", "classification")
    assert (answer.baseline, answer.verdicts[0].reason) == (None, "no_baseline")
    assert answer.sentence == "There is no baseline to compare with."


def test_by_the_loss_less_is_better() -> None:
    cells, outcomes = make_sweep({"l2": [0.1]})
    losses: Outcomes = {
        key: {seed: Replicate(0.0, 1.0 - np.asarray(each.outcomes, float)) for seed, each in own.items()}
        for key, own in outcomes.items()
    }
    verdict = judge(cells, losses, "loss", "classification").verdicts[0]
    assert verdict.difference is not None
    assert verdict.difference < 0
    assert verdict.word == "better"
    assert "−0.1" in verdict.sentence
    assert " of loss on test" in verdict.sentence


def test_what_would_settle_it_is_said() -> None:
    verdict = ask({"l2": [0.004]}, seeds=3).verdicts[0]
    assert verdict.word == "no_difference"
    assert verdict.resolution is not None
    assert verdict.resolution.with_all_replicates <= verdict.resolution.half_width
    assert verdict.resolution.with_all_examples <= verdict.resolution.half_width
    assert "seed" in verdict.sentence.rsplit(".", 2)[-2]


def test_the_seeds_that_are_said_to_settle_it_do_by_its_own_forecast() -> None:
    for gain in (0.002, 0.01, 0.02):
        cells, outcomes = make_sweep({"l2": [gain]}, seeds=3)
        found = compare_crossed(subtract(outcomes, 0.1, 3))
        verdict = judge(cells, outcomes, "score", "classification").verdicts[0]
        if verdict.resolution is None or found.components is None:
            continue
        for count, size in (
            (verdict.resolution.replicates, lambda n: (n, EXAMPLES)),
            (verdict.resolution.examples, lambda n: (3, n)),
        ):
            if count is not None:
                assert found.components.project_half_width(*size(count)) <= abs(found.mean)


def test_thirty_strengths_that_do_nothing_are_seldom_called_better() -> None:
    """Of 200 sweeps at most 5 % and what chance adds to it: 18 or more come once in 100 times at exactly 5 %."""
    assert measure_false_verdicts(sweeps=200) < 18 / 200


def test_luck_that_validation_and_test_share_is_not_taken_for_an_effect() -> None:
    """At each strength another seed is lucky, on both sets: the best of them looks better, and is not."""
    runs, outcomes = [make_run("none", 0, seed, 0.7) for seed in range(4)], Outcomes()
    outcomes["none", 0.0] = {seed: Replicate(0.7, np.arange(100) < 70) for seed in range(4)}
    generator = np.random.default_rng(1)
    for place in range(40):
        lucks = generator.integers(-6, 7, 4)
        for seed, luck in enumerate(lucks.tolist()):
            score = 0.7 + luck / 100
            runs.append(make_run("l2", 1.0 + place, seed, score))
            outcomes.setdefault(("l2", 1.0 + place), {})[seed] = Replicate(score, np.arange(100) < 70 + luck)
    verdict = judge(summarize_cells(runs), outcomes, "score", "classification").verdicts[0]
    assert verdict.difference is not None
    assert verdict.cross_fitted_difference is not None
    assert verdict.p is not None
    assert verdict.cross_fitted_p is not None
    assert verdict.p < 0.05 < verdict.cross_fitted_p
    assert verdict.cross_fitted_difference < verdict.difference
    assert "these seeds' luck" in verdict.sentence
    assert verdict.word == "no_difference"


@pytest.mark.parametrize("scale", [1e-7, 1.0])
def test_no_bound_beside_zero_looks_like_zero(scale: float) -> None:
    runs = [make_run(key, s, seed, 0.7, loss=0.5 - s) for key, s in (("none", 0.0), ("l2", 0.1)) for seed in range(3)]
    generator = np.random.default_rng(0)
    outcomes: Outcomes = {
        ("none", 0.0): {seed: Replicate(-0.5, np.zeros(50)) for seed in range(3)},
        ("l2", 0.1): {seed: Replicate(-0.4, scale * generator.normal(-0.3, 1, 50)) for seed in range(3)},
    }
    sentence = judge(summarize_cells(runs), outcomes, "loss", "classification").verdicts[0].sentence
    low, high = sentence.split("95 % interval ")[1].split(";")[0].split(" to ")
    assert float(low.replace("−", "-")) != 0
    assert float(high.replace("−", "-")) != 0


@pytest.mark.parametrize(
    ("p", "written"),
    [(0.0001, "< 0.001"), (0.0342, "= 0.034"), (0.04998, "= 0.04998"), (0.0500004, "= 0.0500004"), (0.05, "= 0.050"),
     (0.274, "= 0.27"), (0.998, "> 0.99"), (1.0, "= 1.00")],
)  # fmt: skip
def test_no_p_is_rounded_to_the_level_that_decides_or_to_one(p: float, written: str) -> None:
    assert format_p(p) == written
