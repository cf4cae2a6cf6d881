"""How long a sweep will take: the shape of its cost from a model, the speed of these machines from what ran. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, log

from core.estimate.workload import count_products, predict_seconds
from core.planning import count_run_epochs
from core.spec import ExperimentSpec

# A sweep may take this many times longer or shorter than is said; tests hold it for kinds that have not run before.
WITHIN = 3.0
# A past job that is so unlike counts as little as this, so that it matters only where there is no other.
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
    """Seconds until the last epoch with ``trainers`` at work on nothing else; None where there is nothing to go by.

    The model's own answer, times what past jobs took of theirs; the more alike a past job is, the more it counts.
    """
    known = [job for job in past if job.seconds > 0 and job.run_epochs > 0]
    if not known or trainers < 1:
        return None
    predicted = predict_seconds(spec, spec.count_runs() / jobs, count_run_epochs(spec) / jobs)
    # Jobs that wait for a trainer are taken as each is free.
    turns = max(1.0, jobs / trainers)
    return predicted * turns * _find_slowness(spec, spec.count_runs() / jobs, known)


def _find_slowness(spec: ExperimentSpec, runs: float, past: Sequence[PastJob]) -> float:
    """How many times the model's seconds jobs such as ``spec`` take here: a geometric mean, weighted by likeness."""
    total, weights = 0.0, 0.0
    for job in past:
        ratio = log(job.seconds / predict_seconds(job.spec, job.count_runs(), job.run_epochs))
        weight = _LEAST + exp(-(_measure_distance(spec, runs, job) ** 2))
        total, weights = total + weight * ratio, weights + weight
    return exp(total / weights)


def _measure_distance(spec: ExperimentSpec, runs: float, job: PastJob) -> float:
    """0 for the same again; 1 for what costs some three times as much a run, or has three times the runs."""
    sizes = [log(1 + count_products(each) * _count_batch(each)) for each in (spec, job.spec)]
    distance = abs(sizes[0] - sizes[1]) + abs(log(runs / job.count_runs()))
    distance += _OTHER_NETWORK * (spec.network.name != job.spec.network.name)
    return distance + _OTHER_OPTIMIZER * (spec.optimizer.name != job.spec.optimizer.name)


def _count_batch(spec: ExperimentSpec) -> float:
    return 1000.0 if spec.batch_size == "full" else float(spec.batch_size)
