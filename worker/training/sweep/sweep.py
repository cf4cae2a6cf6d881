"""A sweep: the runs of a job, trained epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.catalogue.epoch_values import CoefficientValues, OptimumValues, OutcomeValues, StopValues
from core.errors import InvalidSpecError
from core.spec import BASELINE, ExperimentSpec, Linear, PlannedRun
from worker.training.data import Splits
from worker.training.data.splits import find_key
from worker.training.kernels.denormals import flush_denormals
from worker.training.networks import Network
from worker.training.rng import BatchOrder
from worker.training.run_state import RunState
from worker.training.stack.measures import choose_histogram_epochs
from worker.training.sweep.coefficients import collect_coefficients
from worker.training.sweep.compaction import Placed
from worker.training.sweep.epoch_metrics import EpochRecord, SweepEpoch
from worker.training.sweep.kept_tensors import KeptTensors
from worker.training.sweep.optimum import measure_optimum
from worker.training.sweep.run_status import RunStatus
from worker.training.sweep.stack_factory import StackFactory
from worker.training.sweep.stacks import Stacks
from worker.training.sweep.stopping import StoppingRules


class Sweep:
    """M runs in stacks; ``check`` is called before each step of each stack, and before one is made, and may raise.

    ``splits``: the data of the runs; ``data``: of the first of them. ``stack_size``: the largest number of runs of a
    stack; None chooses it for the device.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        runs: Sequence[PlannedRun],
        network: Network,
        splits: Splits,
        check: Callable[[], None],
        stack_size: int | None = None,
    ) -> None:
        _check_runs(spec, runs)
        own = [splits[find_key(spec.dataset, run)] for run in runs]
        self.data = own[0]
        self._spec, self._count, self._layers = spec, len(runs), network.layers
        self._runs, self._datasets = tuple(runs), own
        self._status, self._kept = RunStatus(len(runs)), KeptTensors(self.data.train.x.device)
        self._rules = StoppingRules(spec, runs)
        is_shuffled = spec.shuffle and spec.batch_size != "full"
        examples = {run.stream: len(data.train) for run, data in zip(runs, own, strict=True)}
        self.order = BatchOrder(examples, is_shuffled)
        self._steps = np.array([-(-len(data.train) // spec.choose_batch_size(len(data.train))) for data in own])
        self._histogram_epochs = choose_histogram_epochs(spec.epochs)
        self._factory = StackFactory(spec, runs, network, splits, check, stack_size)
        self.stacks = Stacks(self._factory, len(runs))

    @property
    def is_training(self) -> bool:
        """Whether any run still trains."""
        return bool(self._status.training.any())

    def measure_start(self) -> SweepEpoch:
        """Before the first step; nothing is drawn, so that the epochs after it come out the same."""
        record = EpochRecord(np.zeros_like(self._steps), self._layers)
        with flush_denormals():
            for indices, stack in self.stacks:
                record.add_metrics(indices, *stack.measure_start())
                record.add_histograms(indices, stack, self._status.training)
        return record.conclude(())

    def train_epoch(self, epoch: int) -> SweepEpoch:
        """Every stack over the same batches, one after the other; a stack whose runs no longer train rests."""
        record = EpochRecord(self._steps, self._layers)
        orders = self.order.draw()
        with flush_denormals():
            for placed in self.stacks:
                self._train_stack(placed, epoch, orders, record)
        record.clear(self._status.training, with_change=self._spec.tolerance is not None)
        return record.conclude(self._stop(epoch, record))

    def test(self) -> tuple[NDArray[np.float64], NDArray[np.float64], OutcomeValues]:
        """Of the weights that count: loss and score on the test examples (M,), NaN for a diverged run; and of each.

        Where there are no test examples they are NaN too.
        """
        results, examples = np.full((2, self._count), np.nan), len(self.data.test)
        losses, hits = np.full((self._count, examples), np.nan, np.float32), np.zeros((self._count, examples), bool)
        for indices, stack in chain(self.stacks, self._restore_kept()) if examples else ():
            measured = torch.stack(stack.evaluate(stack.data.test)).cpu().numpy()
            results[:, indices] = measured[:, : len(indices)]
            own_losses, own_hits = stack.evaluate_each(stack.data.test)
            losses[indices] = own_losses[: len(indices)].float().cpu().numpy()
            hits[indices] = own_hits[: len(indices)].cpu().numpy()
        results[:, ~self._status.alive] = losses[~self._status.alive] = np.nan
        return results[0], results[1], OutcomeValues(losses, hits if self.data.classes is not None else None)

    def read_parameters(self) -> list[dict[str, Tensor]]:
        """Each run's tensors that count by name, as ``Parameters.read``."""
        read: list[dict[str, Tensor]] = [{}] * self._count
        for indices, stack in self.stacks:
            for row, index in enumerate(indices):
                read[index] = stack.parameters.read(row)
        for index, tensors in self._kept.tensors.items():
            read[index] = {name: tensor.cpu() for name, tensor in tensors.items()}
        return read

    def read_final_parameters(self) -> list[dict[str, Tensor] | None]:
        """As ``read_parameters``; None of runs that diverged."""
        return [own if alive else None for own, alive in zip(self.read_parameters(), self._status.alive, strict=True)]

    def read_coefficients(self) -> CoefficientValues | None:
        """Of a linear network; None of others."""
        network = self._spec.network
        if not isinstance(network, Linear):
            return None
        return collect_coefficients(network, self.read_parameters(), self._status.alive)

    def measure_optimum(self) -> OptimumValues | None:
        """Of a linear network's weights that count; None of others."""
        return measure_optimum(self._spec, self._runs, self._datasets, self.read_parameters())

    def get_state(self) -> RunState:
        """All that the coming epochs and the test depend on, copied to the CPU."""
        state = self._status.get_state()
        # Of runs that diverged too.
        ended = self.stacks.copy_tensors(self._kept.leave_out(~self._status.training))
        state.add("kept", self._kept.get_state(ended))
        state.add("rules", self._rules.get_state())
        state.add("order", self.order.get_state())
        if self.is_training:
            state.add("runs", self.stacks.get_state(self._status.training))
        return state

    def set_state(self, state: RunState) -> None:
        """Continue from ``state``: of a sweep of the same runs, however it was cut into stacks."""
        self._status.set_state(state)
        self._kept.set_state(state.take("kept"))
        self._rules.set_state(state.take("rules"))
        self.order.set_state(state.take("order"))
        self.stacks.set_state(state.take("runs"), self._status.training)

    def _train_stack(self, placed: Placed, epoch: int, orders: dict[int, Tensor], record: EpochRecord) -> None:
        indices, stack = placed
        training = self._status.training
        if not training[indices].any():
            return
        result = stack.run_epoch(orders)
        record.add(indices, result, training)
        record.add_diverged(self._status.mark_diverged(indices, result))
        if epoch in self._histogram_epochs:
            record.add_histograms(indices, stack, training)

    def _stop(self, epoch: int, record: EpochRecord) -> tuple[StopValues, ...]:
        """End the runs that the rules end; stacks that lost enough rows by that, or by divergence, are made anew."""
        status, losses = self._status, record.metrics["validation_loss"]
        verdict = self._rules.judge(epoch, losses, record.shifts, status.training, ~status.alive)
        self._kept.keep(self.stacks.copy_tensors(verdict.improved))
        ended = np.zeros(self._count, dtype=bool)
        ended[[stopping.run for stopping in verdict.stopped]] = True
        self._kept.keep(self.stacks.copy_tensors(ended & ~self._rules.monitored))
        status.training &= ~ended
        # Runs that stopped are kept already, as they were then; runs that diverged are not.
        self._kept.keep(self.stacks.copy_tensors(self._kept.leave_out(~status.training)))
        self.stacks.compact(status.training)
        return verdict.stopped

    def _restore_kept(self) -> Iterator[Placed]:
        """Stacks of the runs whose tensors are kept."""
        kept = [run for run in sorted(self._kept.tensors) if self._status.alive[run]]
        for indices in self._factory.cut(np.array(kept, dtype=np.intp)):
            yield indices, self._factory.make_with(indices, self._kept.tensors)


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
