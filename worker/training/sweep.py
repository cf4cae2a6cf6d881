"""The runs of a job, cut into chunks that advance in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.catalogue import choose_outputs
from core.errors import InvalidSpecError
from core.spec import BASELINE, ExperimentSpec, Linear, PlannedRun
from worker.training.compaction import is_worthwhile, regroup
from worker.training.convergence import find_floors
from worker.training.data import Dataset
from worker.training.device import choose_stack
from worker.training.events import METRICS, Coefficients, LayerHistogram, Stopping
from worker.training.measures import choose_histogram_epochs
from worker.training.networks import Network
from worker.training.optimizers.lipschitz import find_curvature
from worker.training.regularizers import REGULARIZERS
from worker.training.rng import BatchOrder
from worker.training.run_state import RunState, join_states
from worker.training.stack import Stack, StackEpoch, count_evaluated
from worker.training.step.losses import make_task
from worker.training.stopping import StoppingRules

# Known of a run whatever became of it.
_NOT_MEASURED = ("learning_rate", "seconds")


@dataclass(frozen=True)
class SweepEpoch:
    """As EpochCompleted, of all runs in the order given; ``seconds`` is still empty."""

    metrics: dict[str, NDArray[np.float64]]
    batch_losses: NDArray[np.float32]
    diverged: tuple[int, ...]
    histograms: tuple[LayerHistogram, ...]
    stopped: tuple[Stopping, ...]


class Sweep:
    """M runs in chunks; ``check`` is called before each step of each chunk, and before one is made, and may raise.

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
        self._spec, self._runs, self._network, self._check = spec, tuple(runs), network, check
        self._count = len(runs)
        # Not diverged; and of those the ones that have not stopped either.
        self._alive, self._training = np.ones(len(runs), dtype=bool), np.ones(len(runs), dtype=bool)
        self._rules = StoppingRules(spec, runs)
        # Of runs that no longer train, and of best epochs: the tensors that count, by name.
        self._kept: dict[int, dict[str, Tensor]] = {}
        self._order = BatchOrder(
            [run.seed for run in runs], len(data.train), spec.shuffle and spec.batch_size != "full"
        )
        self._histogram_epochs = choose_histogram_epochs(spec.epochs)
        self._task = make_task(data.classes, choose_outputs(spec.network, data.classes))
        self._curvature = find_curvature(spec, data, self._task)
        self._floors = None if spec.tolerance is None else find_floors(spec, data)
        self._batch_size = spec.choose_batch_size(len(data.train))
        x = data.train.x
        largest, self._smallest = choose_stack(network, self._list_batches(), x.dtype, x.device)
        self._largest = stack_size or largest
        self._chunks = [(indices, self._make_chunk(indices)) for indices in cut_stacks(runs, self._largest)]

    @property
    def is_training(self) -> bool:
        """Whether any run still trains."""
        return bool(self._training.any())

    @property
    def stack_sizes(self) -> list[int]:
        """Rows of each stack, those that fill it up and those that no longer train too."""
        return [len(chunk.runs) for _, chunk in self._chunks]

    def train_epoch(self, epoch: int) -> SweepEpoch:
        """Every chunk over the same batches, one after the other; a chunk whose runs all diverged rests."""
        metrics = {name: np.full(self._count, np.nan) for name in METRICS}
        steps = -(-len(self.data.train) // self._batch_size)
        batch_losses = np.full((self._count, steps), np.nan, dtype=np.float32)
        orders = self._order.draw()
        shifts = np.full(self._count, np.nan)
        diverged: list[int] = []
        histograms: list[LayerHistogram] = []
        with _flush_denormals():
            for indices, chunk in self._chunks:
                if self._training[indices].any():
                    result = chunk.run_epoch(orders)
                    self._record(indices, result, metrics, batch_losses)
                    shifts[indices] = result.shift[: len(indices)]
                    diverged += self._mark_diverged(indices, result)
                    if epoch in self._histogram_epochs:
                        histograms += self._count_histograms(indices, chunk)
        for name in set(METRICS).difference(_NOT_MEASURED):
            metrics[name][~self._training] = np.nan
        if self._spec.tolerance is not None:
            metrics["change"] = np.where(self._training, shifts, np.nan)
        stopped = self._stop(epoch, metrics["validation_loss"], shifts)
        return SweepEpoch(metrics, batch_losses, tuple(sorted(diverged)), tuple(histograms), stopped)

    def test(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Loss and score of the weights that count on the test examples (M,); NaN for a diverged run."""
        results = np.full((2, self._count), np.nan)
        kept = [run for run in sorted(self._kept) if self._alive[run]]
        own = [self._runs[run] for run in kept]
        again = [np.array(kept)[places] for places in (cut_stacks(own, self._largest) if own else [])]
        for indices, chunk in [*self._chunks, *((indices, self._make_kept(indices)) for indices in again)]:
            measured = torch.stack(chunk.evaluate(self.data.test)).cpu().numpy()
            results[:, indices] = measured[:, : len(indices)]
        results[:, ~self._alive] = np.nan
        return results[0], results[1]

    def read_parameters(self) -> list[dict[str, Tensor]]:
        """Each run's tensors that count by name, as ``Parameters.read``."""
        read: list[dict[str, Tensor]] = [{}] * self._count
        for indices, chunk in self._chunks:
            for row, index in enumerate(indices):
                read[index] = chunk.parameters.read(row)
        for index, tensors in self._kept.items():
            read[index] = {name: tensor.cpu() for name, tensor in tensors.items()}
        return read

    def read_coefficients(self) -> Coefficients | None:
        """Of a linear network; None of others."""
        if not isinstance(self._spec.network, Linear):
            return None
        read = self.read_parameters()
        weights = torch.stack([run["output.weight"] for run in read]).double().numpy()
        weights[~self._alive] = np.nan
        if not self._spec.network.intercept:
            return Coefficients(weights, None)
        intercepts = torch.cat([run["output.bias"] for run in read]).double().numpy()
        intercepts[~self._alive] = np.nan
        return Coefficients(weights, intercepts)

    def get_state(self) -> RunState:
        """All that the coming epochs and the test depend on, on the CPU: copies, so that the job may go on."""
        kept = self._kept | self._read_ended()
        tensors = {f"kept/{run}/{name}": tensor.cpu() for run, own in kept.items() for name, tensor in own.items()}
        known = {name: torch.from_numpy(getattr(self, f"_{name}").copy()) for name in ("alive", "training")}
        state = RunState(tensors | known)
        state.add("rules", self._rules.get_state())
        state.add("order", self._order.get_state())
        if self.is_training:
            state.add("runs", self._join_runs())
        return state

    def set_state(self, state: RunState) -> None:
        """Go on from there, whatever stacks the runs were in; ``state``: of a job of the same runs."""
        self._alive, self._training = (state.rows[name].numpy().copy() for name in ("alive", "training"))
        self._kept = {}
        for path, tensor in state.take("kept").rows.items():
            run, _, name = path.partition("/")
            self._kept.setdefault(int(run), {})[name] = tensor.to(self.data.train.x.device)
        self._rules.set_state(state.take("rules"))
        self._order.set_state(state.take("order"))
        self._chunks = []
        left = np.flatnonzero(self._training)
        runs = state.take("runs")
        for places in cut_stacks([self._runs[run] for run in left], self._largest) if left.size else []:
            chunk = self._make_chunk(left[places])
            chunk.set_state(runs.choose(_fill(places, self._smallest)))
            self._chunks.append((left[places], chunk))

    def _join_runs(self) -> RunState:
        """Of the runs that train, in their order."""
        states, runs = [], []
        for indices, chunk in self._chunks:
            rows = np.flatnonzero(self._training[indices])
            if rows.size:
                states.append(chunk.get_state(rows.tolist()).to_host())
                runs.append(indices[rows])
        return join_states(states).choose(np.argsort(np.concatenate(runs)).tolist())

    def _read_ended(self) -> dict[int, dict[str, Tensor]]:
        """Tensors of the runs that no longer train and are still in a stack, of those that diverged too."""
        ended: dict[int, dict[str, Tensor]] = {}
        for indices, chunk in self._chunks:
            rows = [row for row, run in enumerate(indices) if not self._training[run] and int(run) not in self._kept]
            tensors = chunk.parameters.get_state(rows).rows if rows else {}
            for place, row in enumerate(rows):
                ended[int(indices[row])] = {name: tensor[place].clone() for name, tensor in tensors.items()}
        return ended

    def _list_batches(self) -> list[int]:
        """The numbers of examples that pass through the network at once, the steps' own first."""
        whole = [len(examples) for examples in (self.data.train, self.data.validation, self.data.test)]
        evaluated = count_evaluated(self._network)
        return [self._batch_size, whole[0] % self._batch_size, *(n % evaluated for n in whole), evaluated]

    def _make_chunk(self, indices: NDArray[np.intp]) -> Stack:
        """At the start of training."""
        # Drawing large weights takes a while as well.
        self._check()
        runs = [self._runs[i] for i in _fill(indices, self._smallest)]
        known = self._curvature, self._floors
        return Stack(self._spec, runs, self._network, self._task, self.data, self._check, *known)

    def _make_kept(self, indices: NDArray[np.intp]) -> Stack:
        """With the tensors that are kept of these runs."""
        chunk = self._make_chunk(indices)
        rows = [self._kept[i] for i in _fill(indices, self._smallest)]
        chunk.parameters.set_state(RunState({name: torch.stack([row[name] for row in rows]) for name in rows[0]}))
        return chunk

    def _stop(self, epoch: int, losses: NDArray[np.float64], shifts: NDArray[np.float64]) -> tuple[Stopping, ...]:
        """End the runs that the rules end; stacks that lost enough rows by that, or by divergence, are made anew."""
        verdict = self._rules.judge(epoch, losses, shifts, self._training, ~self._alive)
        self._keep(verdict.improved)
        ended = np.zeros(self._count, dtype=bool)
        ended[[stopping.run for stopping in verdict.stopped]] = True
        self._keep(ended & ~self._rules.monitored)
        self._training &= ~ended
        self._compact()
        return verdict.stopped

    def _keep(self, wanted: NDArray[np.bool_]) -> None:
        for indices, chunk in self._chunks:
            rows = np.flatnonzero(wanted[indices]).tolist()
            tensors = chunk.parameters.get_state(rows).rows if rows else {}
            for place, row in enumerate(rows):
                # Copies of their own: a view would hold the others' too.
                self._kept[int(indices[row])] = {name: tensor[place].clone() for name, tensor in tensors.items()}

    def _compact(self) -> None:
        """Stacks that have lost enough rows are made anew from the others; one of which no row trains is let go."""
        # What stopped is kept already, as it was then; what diverged is not.
        leaving = ~self._training
        leaving[list(self._kept)] = False
        self._keep(leaving)
        self._chunks = [(indices, chunk) for indices, chunk in self._chunks if self._training[indices].any()]
        left = np.flatnonzero(self._training)
        cut = [left[places] for places in cut_stacks([self._runs[run] for run in left], self._largest)]
        if is_worthwhile(self._chunks, cut, self._smallest):
            self._chunks = regroup(self._chunks, cut, self._make_chunk)

    def _record(
        self,
        indices: NDArray[np.intp],
        result: StackEpoch,
        metrics: dict[str, NDArray[np.float64]],
        batch_losses: NDArray[np.float32],
    ) -> None:
        rows = np.flatnonzero(self._training[indices])
        for name, column in result.metrics.items():
            metrics[name][indices] = column[: len(indices)]
        batch_losses[indices[rows]] = result.batch_losses[rows]

    def _mark_diverged(self, indices: NDArray[np.intp], result: StackEpoch) -> list[int]:
        """Runs whose losses or weights are no longer finite numbers; from now on nothing of theirs is reported."""
        watched = [result.metrics[name] for name in ("train_loss", "validation_loss", "weight_l2")]
        finite = np.isfinite(np.column_stack([result.batch_losses, *watched])).min(axis=1)
        fallen = indices[self._training[indices] & ~finite[: len(indices)]]
        self._alive[fallen] = self._training[fallen] = False
        return [int(index) for index in fallen]

    def _count_histograms(self, indices: NDArray[np.intp], chunk: Stack) -> list[LayerHistogram]:
        return [
            LayerHistogram(int(index), layer, float(low[row]), float(high[row]), counts[row])
            for layer, (low, high, counts) in zip(self._network.layers, chunk.count_histograms(), strict=True)
            for row, index in enumerate(indices)
            if self._training[index]
        ]


def cut_stacks(runs: Sequence[PlannedRun], largest: int) -> list[NDArray[np.intp]]:
    """Indices of the runs of each chunk, at most ``largest`` and nearly equally many.

    The runs of one regularizer become neighbours, so that its update touches only them, and among them those of one
    seed, which share batches and noise. Where there is more than one chunk, those that pass twice over each batch
    (SAM) have chunks of their own, so that no other run waits for them.
    """
    keys = list(dict.fromkeys(run.regularizer for run in runs))
    places = sorted(range(len(runs)), key=lambda i: (keys.index(runs[i].regularizer), runs[i].seed))
    order = np.array(places, dtype=np.intp)
    if len(runs) <= largest:
        return [order]
    twice = np.array([_passes_twice(runs[i]) for i in order])
    parts = [part for part in (order[~twice], order[twice]) if part.size]
    return [chunk for part in parts for chunk in np.array_split(part, -(-len(part) // largest))]


def _passes_twice(run: PlannedRun) -> bool:
    return "perturb" in REGULARIZERS[run.regularizer.partition("(")[0]].acts_by


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
