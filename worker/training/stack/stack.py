"""Runs that step together as one stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.spec import ExperimentSpec, PlannedRun
from worker.training.data import Dataset, Examples
from worker.training.kernels.precision import choose_forward
from worker.training.networks import Network
from worker.training.optimizers import FISTA, Optimizer, make_optimizer
from worker.training.optimizers.lipschitz import Curvature
from worker.training.parameters import Parameters
from worker.training.run_state import RunState
from worker.training.stack.convergence import ParameterShift
from worker.training.stack.evaluation import Evaluation
from worker.training.stack.measures import WeightMeasures
from worker.training.step.backpropagation import make_backpropagation
from worker.training.step.batches import Batches
from worker.training.step.bound_regularizers import BoundRegularizer, bind_regularizers
from worker.training.step.gradients import Gradients
from worker.training.step.losses import Task
from worker.training.step.noise import Noise
from worker.training.step.penalties import measure_pull, sum_penalties, sum_smoothness
from worker.training.step.update import Update


@dataclass(frozen=True)
class StackEpoch:
    """``metrics``: float64 (M,) by name; ``batch_losses``: float32 (M, steps).

    ``shift``: see ``measure_shift``; float64 (M,), NaN where the spec has no tolerance. ``layers``: as EpochValues'.
    """

    metrics: dict[str, NDArray[np.float64]]
    batch_losses: NDArray[np.float32]
    shift: NDArray[np.float64]
    layers: NDArray[np.float32]


class Stack:
    """``runs``: of one split, those of one regularizer neighbours; ``data``: their own.

    ``check`` is called before each step and may raise. ``floors``: see ``find_floors``; needed where the spec has a
    tolerance.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        runs: Sequence[PlannedRun],
        network: Network,
        task: Task,
        data: Dataset,
        check: Callable[[], None],
        curvature: Curvature | None = None,
        floors: Mapping[str, Tensor] | None = None,
    ) -> None:
        self.runs, self.data = tuple(runs), data
        self._check = check
        x, examples = data.train.x, len(data.train)
        forward = choose_forward(network, spec.precision, x.device)
        self.parameters = network.make_parameters([run.stream for run in runs], x.dtype, x.device)
        self._bound = bind_regularizers(spec, runs, self.parameters)
        self.optimizer = _make_optimizer(spec, self.parameters, self._bound, curvature)
        self._batches = Batches(spec, self.runs, network, data.train, self._bound)
        propagation = make_backpropagation(network, forward, self.parameters.slots)
        self._gradients = Gradients(propagation, task, self.parameters, self._bound)
        self._evaluation = Evaluation(network, forward, task, self.parameters, examples, check)
        measure_losses = self._evaluation.measure_losses
        self._update = Update(spec, examples, self.parameters, self._bound, self.optimizer, measure_losses)
        self._shift = None if spec.tolerance is None else ParameterShift(self.parameters, floors or {})

    def run_epoch(self, orders: Mapping[int, Tensor]) -> StackEpoch:
        """One pass over the training examples, each seed in its own order (examples,), and its measures."""
        if self._shift is not None:
            self._shift.begin()
        losses, norms = self.train_epoch(orders)
        measured, layers = self._measure_weights_and_losses()
        nothing = torch.zeros_like(measured["train_loss"])
        norm = norms.T.contiguous().mean(1, dtype=torch.float64)
        columns = measured | {
            "learning_rate": nothing + self.optimizer.get_rates(),
            "shift": nothing + torch.nan if self._shift is None else self._shift.measure(),
            "gradient_norm": norm,
            "gradient_ratio": self._measure_pull() / norm,
        }
        # The only copies from the device of an epoch.
        metrics, of_layers = _copy(columns, layers)
        shift = metrics.pop("shift")
        return StackEpoch(metrics, losses.T.float().cpu().numpy(), shift, of_layers)

    def measure_start(self) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float32]]:
        """Before the first step: the metrics (M,) and layers of an epoch, but for what only its steps have."""
        return _copy(*self._measure_weights_and_losses())

    def train_epoch(self, orders: Mapping[int, Tensor]) -> tuple[Tensor, Tensor]:
        """Batch losses and norms of the data loss's gradient, (steps, M) on the device."""
        losses, norms = [], []
        for batch in self._batches.draw(orders):
            self._check()
            self.optimizer.look_ahead()
            loss, norm = self._gradients.take(batch)
            self._update.apply(loss, batch)
            losses.append(loss)
            norms.append(norm)
        return torch.stack(losses), torch.stack(norms)

    def evaluate(self, examples: Examples) -> tuple[Tensor, Tensor]:
        """Mean data loss and score (M,), float64, with nothing dropped."""
        return self._evaluation.evaluate(examples)

    def evaluate_each(self, examples: Examples) -> tuple[Tensor, Tensor]:
        """As Evaluation.evaluate_each."""
        return self._evaluation.evaluate_each(examples)

    @torch.no_grad()
    def _measure_pull(self) -> Tensor:
        return measure_pull(self._bound, self.parameters)

    def get_state(self, rows: Sequence[int]) -> RunState:
        """All that the coming epochs of the runs in these rows depend on, copied."""
        state = RunState(shared={"steps": self._update.steps})
        state.add("parameters", self.parameters.get_state(rows))
        state.add("optimizer", self.optimizer.get_state(rows))
        for owner, noise in self._list_noises():
            state.add(owner, noise.get_state())
        return state

    def set_state(self, state: RunState) -> None:
        """Continue from ``state``: of the stack's runs, in their order, regardless of the stacks that they were in."""
        self._update.steps = int(state.shared["steps"])
        self.parameters.set_state(state.take("parameters"))
        self.optimizer.set_state(state.take("optimizer"))
        for owner, noise in self._list_noises():
            noise.set_state(state.take(owner))

    def _list_noises(self) -> Iterator[tuple[str, Noise]]:
        for each in self._bound:
            if each.noise is not None:
                yield each.key, each.noise
        if self._batches.noise is not None:
            yield "augmentation", self._batches.noise

    @torch.no_grad()
    def _measure_weights_and_losses(self) -> tuple[dict[str, Tensor], Tensor]:
        """Of the parameters as they are now: (M,) each; and of each layer norm, zeros, dead units, (M, L, 3)."""
        *train, dead = self._evaluation.evaluate_with_units(self.data.train)
        validation = train if self.data.validation is self.data.train else self.evaluate(self.data.validation)
        weights = WeightMeasures(self.parameters.weights.tensors)
        penalty = sum_penalties(self._bound, len(self.runs))
        measured = {
            "penalty": penalty,
            **weights.summarize(),
            "objective": train[0] + penalty + self.optimizer.compute_penalty(),
            "train_loss": train[0],
            "train_score": train[1],
            "validation_loss": validation[0],
            "validation_score": validation[1],
        }
        parts = torch.stack(weights.list_norms()), torch.stack(weights.list_zero_shares()), dead
        return measured, torch.stack([part.double() for part in parts], 2).transpose(0, 1)


def _copy(columns: Mapping[str, Tensor], layers: Tensor) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float32]]:
    """From the device, in one piece."""
    rows = [column.double() for column in columns.values()]
    table = torch.cat([torch.stack(rows), layers.flatten(1).T]).cpu().numpy()
    metrics = dict(zip(columns, table, strict=False))
    return metrics, table[len(columns) :].T.reshape(layers.shape).astype(np.float32)


def _make_optimizer(
    spec: ExperimentSpec, parameters: Parameters, bound: Sequence[BoundRegularizer], curvature: Curvature | None
) -> Optimizer:
    def make_fista() -> FISTA:
        assert curvature is not None
        smoothness = sum_smoothness(bound, parameters.weights.runs)
        return FISTA(parameters.groups, curvature, smoothness, spec.penalize_biases)

    return make_optimizer(spec.optimizer, parameters.groups, make_fista, spec.penalize_biases)
