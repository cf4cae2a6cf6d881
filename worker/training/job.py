"""The runs of a job, cut into chunks that advance in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import InvalidSpecError
from core.spec import BASELINE, ExperimentSpec, PlannedRun
from worker.training.chunk import Chunk, ChunkEpoch
from worker.training.data import Dataset
from worker.training.device import choose_stack
from worker.training.events import METRICS, LayerHistogram
from worker.training.losses import make_task
from worker.training.measures import choose_histogram_epochs
from worker.training.networks import Network
from worker.training.randomness import BatchOrder

# Known of a run whatever became of it.
_NOT_MEASURED = ("learning_rate", "seconds")


@dataclass(frozen=True)
class JobEpoch:
    """As EpochCompleted, of all runs in the order given; ``seconds`` is still empty."""

    metrics: dict[str, NDArray[np.float64]]
    batch_losses: NDArray[np.float32]
    diverged: tuple[int, ...]
    histograms: tuple[LayerHistogram, ...]


class Job:
    """M runs in chunks; ``check`` is called before each step of each chunk and may raise.

    ``data``: what the runs train on. ``stack_size``: the largest number of runs of a chunk; None chooses it for the
    device.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        runs: Sequence[PlannedRun],
        network: Network,
        data: Dataset,
        check: Callable[[], None],
        stack_size: int | None = None,
    ) -> None:
        _check_runs(spec, runs)
        self.data = data
        self._spec, self._count, self._network = spec, len(runs), network
        self._alive = np.ones(len(runs), dtype=bool)
        self._order = BatchOrder([run.seed for run in runs], len(data.train))
        self._histogram_epochs = choose_histogram_epochs(spec.epochs)
        x, task = data.train.x, make_task(data.classes)
        self._batch_size = spec.choose_batch_size(len(data.train))
        largest, smallest = choose_stack(network, self._batch_size, x.dtype, x.device)
        self._chunks = [
            (indices, Chunk(spec, [runs[i] for i in _fill(indices, smallest)], network, task, data, check))
            for indices in cut_chunks(runs, stack_size or largest)
        ]

    def train_epoch(self, epoch: int) -> JobEpoch:
        """Every chunk over the same batches, one after the other; a chunk whose runs all diverged rests."""
        metrics = {name: np.full(self._count, np.nan) for name in METRICS}
        steps = -(-len(self.data.train) // self._batch_size)
        batch_losses = np.full((self._count, steps), np.nan, dtype=np.float32)
        orders = self._order.draw()
        diverged: list[int] = []
        histograms: list[LayerHistogram] = []
        with _flush_denormals():
            for indices, chunk in self._chunks:
                alive = indices[self._alive[indices]]
                if alive.size:
                    result = chunk.run_epoch(orders)
                    self._record(indices, result, metrics, batch_losses)
                    diverged += self._mark_diverged(indices, result)
                    if epoch in self._histogram_epochs:
                        histograms += self._count_histograms(indices, chunk)
        for name in set(METRICS).difference(_NOT_MEASURED):
            metrics[name][~self._alive] = np.nan
        return JobEpoch(metrics, batch_losses, tuple(sorted(diverged)), tuple(histograms))

    def test(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Loss and score of the final weights on the test examples (M,); NaN for a diverged run."""
        results = np.full((2, self._count), np.nan)
        for indices, chunk in self._chunks:
            measured = torch.stack(chunk.evaluate(self.data.test)).cpu().numpy()
            results[:, indices] = measured[:, : len(indices)]
        results[:, ~self._alive] = np.nan
        return results[0], results[1]

    def read_parameters(self) -> list[dict[str, Tensor]]:
        """Each run's tensors by name, as ``Parameters.read``."""
        read: list[dict[str, Tensor]] = [{}] * self._count
        for indices, chunk in self._chunks:
            for row, index in enumerate(indices):
                read[index] = chunk.parameters.read(row)
        return read

    def _record(
        self,
        indices: NDArray[np.intp],
        result: ChunkEpoch,
        metrics: dict[str, NDArray[np.float64]],
        batch_losses: NDArray[np.float32],
    ) -> None:
        rows = np.flatnonzero(self._alive[indices])
        for name, column in result.metrics.items():
            metrics[name][indices] = column[: len(indices)]
        batch_losses[indices[rows]] = result.batch_losses[rows]

    def _mark_diverged(self, indices: NDArray[np.intp], result: ChunkEpoch) -> list[int]:
        """Runs whose losses or weights are no longer finite numbers; from now on nothing of theirs is reported."""
        watched = [result.metrics[name] for name in ("train_loss", "validation_loss", "weight_l2")]
        finite = np.isfinite(np.column_stack([result.batch_losses, *watched])).min(axis=1)
        fallen = indices[self._alive[indices] & ~finite[: len(indices)]]
        self._alive[fallen] = False
        return [int(index) for index in fallen]

    def _count_histograms(self, indices: NDArray[np.intp], chunk: Chunk) -> list[LayerHistogram]:
        return [
            LayerHistogram(int(index), layer, float(low[row]), float(high[row]), counts[row])
            for layer, (low, high, counts) in zip(self._network.layers, chunk.count_histograms(), strict=True)
            for row, index in enumerate(indices)
            if self._alive[index]
        ]


def cut_chunks(runs: Sequence[PlannedRun], largest: int) -> list[NDArray[np.intp]]:
    """Indices of the runs of each chunk, at most ``largest`` and nearly equally many.

    The runs of one regularizer become neighbours, so that its update touches only them.
    """
    keys = list(dict.fromkeys(run.regularizer for run in runs))
    order = np.array(sorted(range(len(runs)), key=lambda i: keys.index(runs[i].regularizer)), dtype=np.intp)
    return np.array_split(order, -(-len(runs) // largest))


def _fill(indices: NDArray[np.intp], smallest: int) -> list[int]:
    """At least ``smallest``: copies of the last run, whose results nobody reads, fill the stack."""
    listed = [int(index) for index in indices]
    return listed + [listed[-1]] * (smallest - len(listed))


def _check_runs(spec: ExperimentSpec, runs: Sequence[PlannedRun]) -> None:
    known = {BASELINE, *(regularizer.key for regularizer in spec.regularizers)}
    if not runs:
        raise InvalidSpecError("A training needs at least one run.", field="runs", expected="runs", received=[])
    for run in runs:
        if run.regularizer not in known:
            raise InvalidSpecError(
                f"The experiment has no regularizer {run.regularizer}; it has {', '.join(sorted(known))}.",
                field="regularizers",
                expected=f"one of {', '.join(sorted(known))}",
                received=run.regularizer,
            )


@contextmanager
def _flush_denormals() -> Iterator[None]:
    """Moments of units that no longer learn decay to numbers so small that a CPU takes a hundred times as long."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
