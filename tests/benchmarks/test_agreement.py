"""The benchmarks' own check: two sides whose times are compared have trained the same."""

from __future__ import annotations

import pytest

from benchmarks.peers import fused, tight
from benchmarks.peers.pairs import DisagreementError, check_agreement, use_subgradient
from benchmarks.peers.workload import Outcome, Work, make_work
from core.spec import PlannedRun

SWEEP = {
    "dataset": {"name": "digits", "train_examples": 200},
    "network": {"name": "mlp", "widths": [16]},
    "optimizer": {"name": "adam", "learning_rate": 0.01},
    "regularizers": [{"name": "l1", "strengths": [1e-4, 1e-2]}, {"name": "l2", "strengths": [1e-2]}],
    "epochs": 8,
    "seeds": 1,
}


def train_both(work: Work) -> tuple[dict[PlannedRun, Outcome], dict[PlannedRun, Outcome]]:
    """What the tight loop and the engine end with, by run of the work."""
    proof = use_subgradient(work)
    return dict(zip(work.runs, tight.train(work), strict=True)), dict(zip(work.runs, fused.train(proof), strict=True))


def test_the_engine_ends_where_the_tight_loop_does() -> None:
    check_agreement("tight", *train_both(make_work(SWEEP, 4)))


def test_the_proximal_map_is_another_training_than_the_subgradient() -> None:
    work = make_work(SWEEP, 4)
    peer, _ = train_both(work)
    with pytest.raises(DisagreementError, match="l1"):
        check_agreement("tight", peer, dict(zip(work.runs, fused.train(work), strict=True)))


@pytest.mark.parametrize(
    ("part", "change"), [("train_loss", 1.02), ("validation_loss", 0.98), ("train_loss", float("nan"))]
)
def test_one_run_that_ended_elsewhere_is_a_disagreement(part: str, change: float) -> None:
    good = Outcome(0.2, 0.3, 0.9)
    peer = {PlannedRun("l2", 10.0**-power, 0): good for power in range(9)}
    check_agreement("tight", peer, peer)
    changed = Outcome(**{**vars(good), part: getattr(good, part) * change})
    with pytest.raises(DisagreementError, match=part):
        check_agreement("tight", peer, {**peer, PlannedRun("l2", 0.1, 0): changed})
