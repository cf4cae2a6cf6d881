"""Two sides over the same runs, in turn: A B A B, the first pair thrown away as warm-up."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.peers.team import CORES, Side, Team, Timing
from benchmarks.peers.workload import Outcome, Work

ENGINE = "fused"
# Both sides start from the same weights and see the same batches. They differ in dropout's noise and in how L1 acts
# (proximal map or subgradient), so that means over the runs are compared, of the final epoch.
SCORE_TOLERANCE = 0.015
LOSS_TOLERANCE = 0.05


@dataclass(frozen=True)
class Pair:
    """Medians of the ratios peer / engine; ``agreement``: the two sides' mean final validation scores."""

    ratio: float
    cpu_ratio: float
    peer_seconds: float
    engine_seconds: float
    agreement: tuple[float, float]


class DisagreementError(RuntimeError):
    """Two sides trained to different results, so that their times say nothing."""


def share(work: Work, processes: int) -> list[Work]:
    """Dealt in turn, as planning deals runs to jobs."""
    return [replace(work, runs=work.runs[i::processes]) for i in range(processes)]


def measure(team: Team, peer: Side, engine: Side, work: Work, repeats: int) -> Pair:
    """Raises DisagreementError where the sides' final losses and scores differ."""
    pairs: list[tuple[Timing, Timing]] = [
        (team.time(peer, share(work, peer.processes)), team.time(engine, share(work, engine.processes)))
        for _ in range(repeats + 1)
    ]
    counted = pairs[1:]
    agreement = _check(peer.name, pairs[-1][0].outcomes, pairs[-1][1].outcomes)
    return Pair(
        statistics.median(p.seconds / e.seconds for p, e in counted),
        statistics.median(p.cpu_seconds / e.cpu_seconds for p, e in counted),
        statistics.median(p.seconds for p, _ in counted),
        statistics.median(e.seconds for _, e in counted),
        agreement,
    )


def _check(name: str, peer: Sequence[Outcome], engine: Sequence[Outcome]) -> tuple[float, float]:
    score = [statistics.fmean(o.validation_score for o in side) for side in (peer, engine)]
    if abs(score[0] - score[1]) > SCORE_TOLERANCE:
        raise DisagreementError(f"{name} ends at a mean validation score of {score[0]:.4f}, the engine {score[1]:.4f}")
    for part in ("train_loss", "validation_loss"):
        one, other = (statistics.fmean(getattr(o, part) for o in side) for side in (peer, engine))
        if abs(one - other) > LOSS_TOLERANCE * max(one, other):
            raise DisagreementError(f"{name} ends at a mean {part} of {one:.4f}, the engine at {other:.4f}")
    return score[0], score[1]


# The engine as a user has it: one single-threaded trainer per core, each with a job of its own.
WHOLE = Side(ENGINE, CORES, 1)
ALONE = Side(ENGINE, 1, 1)
