"""The engine: a job of all the runs, as a trainer process trains it."""

from __future__ import annotations

from benchmarks.peers.workload import Outcome, Work
from worker.training.networks import make_network
from worker.training.sweep import Sweep


def train(work: Work) -> list[Outcome]:
    network = make_network(work.spec.network, work.data.shape, work.data.classes or 1)
    job = Sweep(work.spec, work.runs, network, {(0, 0): work.data}, lambda: None)
    for epoch in range(1, work.epochs + 1):
        metrics = job.train_epoch(epoch).metrics
    columns = (metrics[name].tolist() for name in ("train_loss", "validation_loss", "validation_score"))
    return [Outcome(*row) for row in zip(*columns, strict=True)]
