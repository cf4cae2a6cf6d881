"""Two sides over the same runs, in turn: A B A B, the first pair thrown away as warm-up."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.peers.team import CORES, Side, Team, Timing
from benchmarks.peers.workload import Outcome, Work
from core.spec import PlannedRun

ENGINE = "fused"
Outcomes = Mapping[PlannedRun, Outcome]
# Both sides start from the same weights, see the same batches and take the same steps, so that each run ends with the
# same losses but for rounding: 1e-6 after four epochs.
LOSS_TOLERANCE = 0.01
# But for dropout, whose noise differs: there the means over its runs are compared.
NOISY = "dropout"
NOISY_LOSS_TOLERANCE = 0.05
SCORE_TOLERANCE = 0.015


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


def use_subgradient(work: Work) -> Work:
    """The same runs, with L1 as the peers have it: by its subgradient.

    The engine's own L1 is a proximal map, which makes exact zeros and another path towards the same optimum. It is what
    a user has and takes longer, so it is what is timed; but only the subgradient can be held to the peers' results.
    """
    document = json.loads(work.document)
    for regularizer in document["regularizers"]:
        if regularizer["name"] == "l1":
            regularizer["name"] = "l1_subgradient"
    runs = (replace(run, regularizer="l1_subgradient") if run.regularizer == "l1" else run for run in work.runs)
    return Work(json.dumps(document), tuple(runs), work.epochs)


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
    proof = team.time(engine, share(use_subgradient(work), engine.processes))
    check_agreement(peer.name, _match(work, peer, pairs[-1][0]), _match(work, engine, proof))
    return Pair(
        statistics.median(p.seconds / e.seconds for p, e in counted),
        statistics.median(p.cpu_seconds / e.cpu_seconds for p, e in counted),
        statistics.median(p.seconds for p, _ in counted),
        statistics.median(e.seconds for _, e in counted),
        (_average("validation_score", pairs[-1][0].outcomes), _average("validation_score", pairs[-1][1].outcomes)),
    )


def _match(work: Work, side: Side, timing: Timing) -> dict[PlannedRun, Outcome]:
    """What each run of the work ended with; the outcomes come by process."""
    runs = (run for dealt in share(work, side.processes) for run in dealt.runs)
    return dict(zip(runs, timing.outcomes, strict=True))


def check_agreement(name: str, peer: Outcomes, engine: Outcomes) -> None:
    """Raises DisagreementError."""
    for run in peer:
        if run.regularizer != NOISY:
            _compare(f"{name}, {run}", [peer[run]], [engine[run]], LOSS_TOLERANCE)
    noisy = [run for run in peer if run.regularizer == NOISY]
    if noisy:
        means = [peer[run] for run in noisy], [engine[run] for run in noisy]
        _compare(f"{name}, the mean over {NOISY}'s runs", *means, NOISY_LOSS_TOLERANCE)


def _compare(what: str, peer: Sequence[Outcome], engine: Sequence[Outcome], loss_tolerance: float) -> None:
    for part in ("train_loss", "validation_loss", "validation_score"):
        one, other = _average(part, peer), _average(part, engine)
        tolerance = SCORE_TOLERANCE if part == "validation_score" else loss_tolerance * max(one, other)
        # Written so that a loss that is not a number disagrees.
        if not abs(one - other) <= tolerance:
            raise DisagreementError(f"{what}: the peer ends at a {part} of {one:.4f}, the engine at {other:.4f}")


def _average(part: str, outcomes: Sequence[Outcome]) -> float:
    return statistics.fmean(getattr(outcome, part) for outcome in outcomes)


# The engine as a user has it: one single-threaded trainer per core, each with a job of its own.
WHOLE = Side(ENGINE, CORES, 1)
ALONE = Side(ENGINE, 1, 1)
