"""Estimated duration of a sweep: cost from a model, speed of these machines from past jobs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

from core.estimate.workload import count_products, predict_seconds
from core.planning import count_run_epochs
from core.spec import ExperimentSpec

# Estimates are within this factor; tests hold that for kinds of sweeps without a past job.
WITHIN = 3.0
# The least weight of a past job, for dissimilar ones.
_LEAST = 1e-9
_OTHER_NETWORK = 2.0
_OTHER_OPTIMIZER = 0.5


@dataclass(frozen=True)
class PastJob:
    """A job that trained: ``run_epochs`` is epochs × runs, ``seconds`` its time on one trainer.

    ``runs``: how many it had; None where nobody knows, when they count as having trained all epochs.
    """

    spec: ExperimentSpec
    run_epochs: int
    seconds: float
    runs: int | None = None

    def count_runs(self) -> float:
        return self.runs or max(1.0, self.run_epochs / self.spec.epochs)


def estimate_seconds(spec: ExperimentSpec, jobs: int, trainers: int, past: Iterable[PastJob]) -> float | None:
    """Seconds to the last epoch, with ``trainers`` free for it; None without past jobs.

    The model's prediction, scaled by how past jobs compare with theirs, weighted by similarity.
    """
    known = [job for job in past if job.seconds > 0 and job.run_epochs > 0]
    if not known or trainers < 1:
        return None
    predicted = predict_seconds(spec, spec.count_runs() / jobs, count_run_epochs(spec) / jobs)
    # Jobs beyond the number of trainers wait for one.
    turns = max(1.0, jobs / trainers)
    return predicted * turns * _find_slowness(spec, spec.count_runs() / jobs, known)


def _find_slowness(spec: ExperimentSpec, runs: float, past: Sequence[PastJob]) -> float:
    """The ratio of actual to predicted seconds: a geometric mean over past jobs, weighted by similarity."""
    total, weights = 0.0, 0.0
    for job in past:
        ratio = log(job.seconds / predict_seconds(job.spec, job.count_runs(), job.run_epochs))
        weight = _LEAST + exp(-(_measure_distance(spec, runs, job) ** 2))
        total, weights = total + weight * ratio, weights + weight
    return exp(total / weights)


def _measure_distance(spec: ExperimentSpec, runs: float, job: PastJob) -> float:
    """0 for an equal job; about 1 for three times the cost per run, or three times the runs."""
    sizes = [log(1 + count_products(each) * _count_batch(each)) for each in (spec, job.spec)]
    distance = abs(sizes[0] - sizes[1]) + abs(log(runs / job.count_runs()))
    distance += _OTHER_NETWORK * (spec.network.name != job.spec.network.name)
    return distance + _OTHER_OPTIMIZER * (spec.optimizer.name != job.spec.optimizer.name)


def _count_batch(spec: ExperimentSpec) -> float:
    return 1000.0 if spec.batch_size == "full" else float(spec.batch_size)
