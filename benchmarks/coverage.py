"""Coverage: `python -m benchmarks.coverage`. How often the interval of the verdict holds the true difference.

Outcomes are drawn from a probit with effects of replicate, example and their interaction, of the two arms together
and of their difference; the truth is the mean over endlessly many of both. Printed: the share of nominal 95 % intervals
that hold it, for the crossed interval, for t over replicates, and for the percentile bootstrap over replicates. To
reach: 92 to 98 % in each cell of the crossed one. Then: how often a regularizer that does nothing is called better.
"""

from __future__ import annotations

import argparse
from collections.abc import Hashable
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from core.analysis.cells import summarize_cells
from core.analysis.cross_fitting import Replicate
from core.analysis.crossed_interval import compare_crossed, compare_replicates
from core.analysis.verdict import judge
from core.spec import BASELINE

REPLICATES, EXAMPLES = (3, 5, 10), (100, 359, 2_000)
# Deviations of the difference's effects: replicate, example, interaction; and of the noise of each outcome.
CASES = ((0.1, 0.5, 0.3, 0.2), (0.02, 0.8, 0.1, 0.0), (0.2, 0.0, 0.5, 0.1), (0.0, 0.5, 0.0, 1.0))
# The share that the baseline answers rightly, and how much easier the other arm has it, in probits.
BASELINE_SHARE, EASIER = 0.85, 0.15
Case = tuple[float, float, float, float]
Matrix = NDArray[np.float64]


def draw_differences(generator: np.random.Generator, replicates: int, examples: int, case: Case) -> Matrix:
    """Outcomes of the one arm less those of the other, (replicates, examples), each right (1) or wrong (0).

    An example is as hard for both arms (deviation 1); in what ``case`` says they differ.
    """
    replicate, example, interaction, noise = case
    hard = generator.normal(size=(1, examples))
    own = [
        replicate * generator.normal(size=(replicates, 1))
        + example * generator.normal(size=(1, examples))
        + interaction * generator.normal(size=(replicates, examples))
        for _ in range(2)
    ]
    level = ndtri(BASELINE_SHARE) * np.sqrt(1 + replicate**2 + example**2 + interaction**2 + noise**2)
    arms = [
        (level + shift + hard + each + noise * generator.normal(size=each.shape)) > 0
        for shift, each in zip((EASIER, 0.0), own, strict=True)
    ]
    difference: Matrix = arms[0].astype(float) - arms[1].astype(float)
    return difference


def compute_truth(case: Case) -> float:
    """The mean difference over endlessly many replicates and examples."""
    deviation = np.sqrt(1 + sum(part**2 for part in case))
    level = ndtri(BASELINE_SHARE)
    return float(ndtr(level + EASIER / deviation) - ndtr(level))


def measure_coverage(replicates: int, examples: int, case: Case, draws: int, seed: int = 0) -> float:
    """The share of ``draws`` crossed intervals that hold the truth; a tie holds 0."""
    generator = np.random.default_rng([seed, replicates, examples, CASES.index(case)])
    truth = compute_truth(case)
    held = 0
    for _ in range(draws):
        interval = compare_crossed(draw_differences(generator, replicates, examples, case)).interval
        held += interval is not None and interval.low <= truth <= interval.high
    return held / draws


def measure_peers(replicates: int, examples: int, case: Case, draws: int, seed: int = 0) -> tuple[float, float]:
    """As ``measure_coverage``, over the replicates' means alone: Student's t, and the percentile bootstrap."""
    generator = np.random.default_rng([seed, replicates, examples, CASES.index(case)])
    truth, by_t, by_bootstrap = compute_truth(case), 0, 0
    for _ in range(draws):
        means = draw_differences(generator, replicates, examples, case).mean(1)
        interval = compare_replicates(means)
        by_t += interval is not None and interval.low <= truth <= interval.high
        resampled = means[generator.integers(replicates, size=(1_000, replicates))].mean(1)
        low, high = np.quantile(resampled, [0.025, 0.975])
        by_bootstrap += low <= truth <= high
    return by_t / draws, by_bootstrap / draws


def measure_false_verdicts(
    sweeps: int, strengths: int = 30, replicates: int = 3, examples: int = 359, validated: int = 359, seed: int = 0
) -> float:
    """The share of simulated sweeps of a regularizer that does nothing in which it is called better.

    Each strength's runs are drawn as the baseline's, on validation and test examples alike.
    """
    generator = np.random.default_rng(seed)
    return sum(_crowns(generator, strengths, replicates, examples, validated) for _ in range(sweeps)) / sweeps


def _crowns(generator: np.random.Generator, strengths: int, replicates: int, examples: int, validated: int) -> bool:
    hard = generator.normal(size=examples + validated)
    runs: list[SimpleNamespace] = []
    outcomes: dict[tuple[str, float], dict[Hashable, Replicate]] = {}
    for place in range(strengths + 1):
        key, strength = ("l2", float(place)) if place else (BASELINE, 0.0)
        arm = 0.3 * generator.normal(size=hard.shape)
        for replicate in range(replicates):
            own = 0.1 * generator.normal() + 0.3 * generator.normal(size=hard.shape)
            hits = (ndtri(BASELINE_SHARE) * 1.1 + hard + arm + own > 0).astype(float)
            score = float(hits[examples:].mean())
            outcomes.setdefault((key, strength), {})[replicate] = Replicate(score, hits[:examples])
            row = {"validation_score": score, "validation_loss": 1 - score}
            runs.append(SimpleNamespace(regularizer=key, strength=strength, state="completed", last=row, best=row))
    answer = judge(summarize_cells(runs), outcomes, "score", "classification")
    return answer.verdicts[0].word == "better"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=1_500, help="simulated comparisons per cell (default 1500)")
    parser.add_argument("--largest", type=int, default=max(EXAMPLES), help="most test examples (default 2000)")
    parser.add_argument("--sweeps", type=int, default=1_000, help="sweeps that do nothing (default 1000)")
    given = parser.parse_args()
    print("| K × I | replicate, example, interaction, noise | crossed | t over K | bootstrap over K |")
    print("|---|---|---|---|---|")
    for replicates in REPLICATES:
        for examples in (size for size in EXAMPLES if size <= given.largest):
            for case in CASES:
                crossed = measure_coverage(replicates, examples, case, given.draws)
                by_t, by_bootstrap = measure_peers(replicates, examples, case, given.draws)
                figures = f"{crossed:.3f} | {by_t:.3f} | {by_bootstrap:.3f}"
                print(f"| {replicates} × {examples} | {', '.join(map(str, case))} | {figures} |", flush=True)
    share = measure_false_verdicts(given.sweeps)
    print(f"30 strengths that do nothing, {given.sweeps} sweeps: called better in {100 * share:.1f} % (at most 5)")


if __name__ == "__main__":
    main()
