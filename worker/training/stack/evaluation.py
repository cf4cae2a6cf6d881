"""Losses and scores of a stack on whole sets of examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from worker.training.data import Examples
from worker.training.device import choose_block
from worker.training.kernels.precision import Forward
from worker.training.networks import Network, Slots
from worker.training.parameters import Parameters
from worker.training.regularizers.norms import add_up
from worker.training.stack.active_units import ActiveUnits
from worker.training.step.batch import Batch
from worker.training.step.forward_context import EVALUATION, ForwardContext
from worker.training.step.losses import Task

# Numbers in the activations of one run's evaluation batch, and examples in it: by the network alone, so that a run's
# evaluation does not depend on the size of its stack.
EVALUATION_NUMBERS = 4_000_000
EVALUATION_BATCH = 256


def count_evaluated(network: Network) -> int:
    """Examples of an evaluation batch."""
    return max(1, min(EVALUATION_BATCH, EVALUATION_NUMBERS // network.activations))


class Evaluation:
    """Forward passes with nothing dropped, where the parameters are now. ``check`` is called before each batch.

    ``examples``: the size of the training set, by which the stack is cut into blocks of runs.
    """

    def __init__(
        self,
        network: Network,
        forward: Forward,
        task: Task,
        parameters: Parameters,
        examples: int,
        check: Callable[[], None],
    ) -> None:
        self._forward, self._task, self._slots, self._check = forward, task, parameters.slots, check
        self._layers, self._rectified = network.layers, network.rectified_layers
        self._size = count_evaluated(network)
        runs, device = parameters.weights.runs, parameters.weights.values.device
        self._blocks = parameters.cut(choose_block(network, min(self._size, examples), runs, device))

    @torch.no_grad()
    def evaluate(self, examples: Examples) -> tuple[Tensor, Tensor]:
        """Mean data loss and score (M,), float64."""
        measured = [self._evaluate(examples, slots, EVALUATION) for slots in self._blocks]
        return self._summarize(measured, examples)

    @torch.no_grad()
    def evaluate_with_units(self, examples: Examples) -> tuple[Tensor, Tensor, Tensor]:
        """As ``evaluate``; and of each layer the share of units that are dead on all of them (L, M)."""
        units = ActiveUnits(self._layers, self._rectified)
        measured, shares = [], []
        for slots in self._blocks:
            units.begin_runs()
            measured.append(self._evaluate(examples, slots, units.context))
            shares.append(torch.stack(units.list_dead_shares(len(measured[-1][0]), measured[-1][0])))
        return *self._summarize(measured, examples), torch.cat(shares, 1)

    def _summarize(self, measured: Sequence[tuple[Tensor, Tensor]], examples: Examples) -> tuple[Tensor, Tensor]:
        loss, hits = (torch.cat(parts) for parts in zip(*measured, strict=True))
        loss /= len(examples)
        return loss, self._task.compute_score(loss, hits, examples.y)

    @torch.no_grad()
    def evaluate_each(self, examples: Examples) -> tuple[Tensor, Tensor]:
        """Of each example the data loss, and whether it is classified rightly: (M, N), the latter bool."""
        blocks = [self._evaluate_each(examples, slots) for slots in self._blocks]
        losses, hits = (torch.cat(parts) for parts in zip(*blocks, strict=True))
        return losses, hits

    @torch.no_grad()
    def measure_losses(self, batch: Batch) -> Tensor:
        """The batch's data losses (M,)."""
        outputs = self._forward(batch.x, self._slots, EVALUATION)
        return self._task.compute_losses(outputs, batch.y).mean(1)

    def _evaluate(self, examples: Examples, slots: Slots, context: ForwardContext) -> tuple[Tensor, Tensor]:
        """Sums (R,), float64, of the losses and hits of the runs whose ``slots`` these are."""
        losses, hits = [], []
        for x, y in self._split(examples):
            self._check()
            outputs = self._forward(x[None], slots, context)
            targets = y.expand(len(outputs), -1)
            losses.append(self._task.compute_losses(outputs, targets).sum(1, dtype=torch.float64))
            hits.append(self._task.count_hits(outputs, targets).double())
        return add_up(losses), add_up(hits)

    def _evaluate_each(self, examples: Examples, slots: Slots) -> tuple[Tensor, Tensor]:
        parts = []
        for x, y in self._split(examples):
            self._check()
            outputs = self._forward(x[None], slots, EVALUATION)
            targets = y.expand(len(outputs), -1)
            parts.append((self._task.compute_losses(outputs, targets), self._task.find_hits(outputs, targets)))
        losses, hits = (torch.cat(columns, 1) for columns in zip(*parts, strict=True))
        return losses, hits

    def _split(self, examples: Examples) -> Iterator[tuple[Tensor, Tensor]]:
        return zip(torch.split(examples.x, self._size), torch.split(examples.y, self._size), strict=True)
