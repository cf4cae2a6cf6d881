"""How long a sweep will take, from how long others took. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.catalogue import count_split, count_weights
from core.planning import count_run_epochs
from core.spec import CNN, ExperimentSpec, ResNet, Torchvision
from core.spec.regularizer import SAM

# A step costs this even where the network is tiny: launching its operations, in weight-examples of the same cost.
_STEP_OVERHEAD = 2e5
# Every weight of a convolution is used at every place of the image.
_PLACES = 64


@dataclass(frozen=True)
class Past:
    """A job that trained: ``run_epochs`` is epochs × runs, ``seconds`` its time on one trainer."""

    spec: ExperimentSpec
    run_epochs: int
    seconds: float


def estimate_seconds(spec: ExperimentSpec, jobs: int, trainers: int, past: Iterable[Past]) -> float | None:
    """Seconds until the last epoch with ``trainers`` at work on nothing else; None where there is nothing to go by.

    Jobs of the same kind of network are gone by where there are any, else all.
    """
    known = [job for job in past if job.seconds > 0 and job.run_epochs > 0]
    alike = [job for job in known if job.spec.network.name == spec.network.name] or known
    if not alike or trainers < 1:
        return None
    done = sum(_count_work(job.spec) * job.run_epochs for job in alike)
    rate = done / sum(job.seconds for job in alike)
    return _count_work(spec) * count_run_epochs(spec) / rate / min(jobs, trainers)


def _count_work(spec: ExperimentSpec) -> float:
    """The cost of one epoch of one run, the mean over the runs, in weight-examples."""
    examples = count_split(spec.dataset).train
    steps = -(-examples // spec.choose_batch_size(examples))
    places = _PLACES if isinstance(spec.network, CNN | ResNet | Torchvision) else 1
    return _count_passes(spec) * (steps * _STEP_OVERHEAD + examples * count_weights(spec) * places)


def _count_passes(spec: ExperimentSpec) -> float:
    """Over each batch: SAM makes two, in its own runs or, where it is fixed, in all."""
    if any(isinstance(regularizer, SAM) for regularizer in spec.fixed):
        return 2.0
    twice = sum(len(regularizer.values()) for regularizer in spec.regularizers if isinstance(regularizer, SAM))
    return 1 + twice * len(spec.list_seeds()) / spec.count_runs()
