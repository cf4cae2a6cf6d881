"""What must be known before the curves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from core.analysis.cells import summarize_cells
from core.analysis.findings import describe_proof, find_outcome, list_findings
from core.analysis.outcome import Outcome, judge_outcome


def make_run(regularizer: str, strength: float, diverged: int | None = None, **more: Any) -> Any:
    last = {"validation_score": more.pop("score", 0.9), "validation_loss": 0.3}
    state = "completed" if diverged is None else "diverged"
    return SimpleNamespace(
        **{"regularizer": regularizer, "strength": strength, "state": state, "diverged_epoch": diverged, "last": last,
           "stopped_epoch": None, "stopped_by": None, "change": None, "gap": None, "residual": None,
           "best": last} | more
    )  # fmt: skip


def find(runs: list[Any], **options: Any) -> list[Any]:
    return list_findings(runs, summarize_cells(runs), "classification", guess=0.1, **options)


@pytest.mark.parametrize(
    ("counts", "outcome"),
    [
        ((6, 0, 0), "sound"), ((6, 3, 0), "some_diverged"), ((6, 4, 0), "most_diverged"),
        ((6, 1, 1), "baseline_diverged"), ((6, 5, 1), "baseline_diverged"), ((6, 6, 2), "all_diverged"),
    ],
)  # fmt: skip
def test_the_outcome_is_that_of_the_runs(counts: tuple[int, int, int], outcome: str) -> None:
    assert judge_outcome(*counts) == outcome


def test_what_diverged_is_counted_and_named_with_its_epoch() -> None:
    runs = [make_run("none", 0), make_run("l1", 10, 4), make_run("l1", 10, 6), *(make_run("l2", s) for s in (1, 2, 3))]
    (finding,) = find(runs)
    assert find_outcome(runs) is Outcome.SOME
    assert (finding.kind, finding.tone, finding.count, finding.of) == ("diverged", "warn", 2, 6)
    assert finding.title == "2 of 6 runs diverged"
    assert finding.sentence.startswith("L1, λ = 10 from epoch 4. A strength of which a run diverged can not be best")


def test_all_diverged_is_said_first_and_ill() -> None:
    (finding,) = find([make_run("none", 0, 1), *(make_run("l1", s, 2) for s in range(1, 8))])
    assert (finding.tone, finding.title) == ("bad", "All 8 runs diverged")
    assert finding.sentence.startswith("The baseline from epoch 1; L1, λ = 1 from epoch 2")
    assert "; and 4 strengths more. There is nothing to compare, and no best." in finding.sentence


def test_a_baseline_that_diverged_is_named_as_what_is_missing() -> None:
    (finding,) = find([make_run("none", 0, 3), make_run("none", 0), make_run("l1", 1)])
    assert finding.title == "1 of 2 runs of the baseline diverged, and 1 of 3 runs in all"
    assert "nothing to compare the others with" in finding.sentence


def test_scores_at_chance_are_no_learning() -> None:
    (finding,) = find([make_run("none", 0, score=0.097), make_run("l1", 1, score=0.09)])
    assert (finding.kind, finding.tone) == ("not_better_than_guessing", "bad")
    assert "9.7 %" in finding.sentence


def test_a_tolerance_that_was_not_met_is_told_with_strengths_and_changes() -> None:
    runs = [
        make_run("none", 0, stopped_epoch=40, stopped_by="tolerance", change=1e-10),
        make_run("l1", 0.01, change=3e-7),
        make_run("l1", 0.1, change=2e-5),
        make_run("l1", 1, stopped_epoch=9, stopped_by="early_stopping", change=0.1),
        make_run("l1", 2, state="running", change=0.1),
        make_run("l1", 3, 5, change=0.1),
    ]
    found = [finding for finding in find(runs, tolerance=1e-9, epochs=50) if finding.kind == "not_converged"]
    (finding,) = found
    assert (finding.tone, finding.title, finding.count, finding.of) == ("warn", "2 of 6 runs did not converge", 2, 6)
    assert "L1, λ = 10⁻² by 3·10⁻⁷; L1, λ = 0.1 by 2·10⁻⁵" in finding.sentence
    assert "tolerance 10⁻⁹" in finding.sentence
    assert not find([runs[0]], tolerance=1e-9, epochs=50)


def test_what_has_no_effect_comes_last() -> None:
    found = find([make_run("none", 0, 1), make_run("l1", 1)], ineffective=["It does nothing."])
    assert [finding.kind for finding in found] == ["diverged", "without_effect"]
    assert found[1].sentence == "It does nothing."


def test_what_was_solved_is_said_with_its_largest_gap() -> None:
    solved = [make_run("none", 0, residual=1e-12), make_run("l1", 0.1, gap=3e-9), make_run("l1", 0.2, gap=1e-12)]
    assert describe_proof(solved) == "Every penalized run is optimal to 3·10⁻⁹, by duality."
    assert find(solved) == []
    some = [*solved, make_run("l1", 0.001, gap=2e-2)]
    assert describe_proof(some) == "2 of 3 penalized runs are optimal to 3·10⁻⁹, by duality."
    assert describe_proof([make_run("none", 0), make_run("l1", 0.1)]) is None


def test_what_was_to_be_solved_and_is_not_is_named_with_its_gap() -> None:
    runs = [make_run("none", 0, residual=1e-9), make_run("l1", 0.1, gap=1e-6), make_run("l1", 0.001, gap=2e-2)]
    (finding,) = find(runs)
    assert (finding.kind, finding.tone, finding.count, finding.of) == ("not_optimal", "warn", 1, 3)
    assert finding.title == "1 of 3 runs have not reached their optimum"
    assert "L1, λ = 10⁻³ by 2·10⁻²" in finding.sentence
    assert finding.sentence.endswith("More epochs bring them closer.")


def test_without_a_penalty_it_is_said_that_there_may_be_no_optimum() -> None:
    (finding,) = find([make_run("none", 0, residual=3e-3), make_run("l1", 0.1, gap=1e-9)])
    assert (finding.tone, finding.count) == ("info", 1)
    assert "slope is still 3·10⁻³ of that at the start" in finding.sentence
    assert "no best weights" in finding.sentence


def test_what_was_left_out_early_was_not_to_reach_its_optimum() -> None:
    early = [make_run("l1", 0.1, gap=0.5, stopped_by="halving"), make_run("l1", 0.2, gap=0.5, state="running")]
    assert find([make_run("none", 0), *early]) == []
