"""A chunk: runs that step together as one stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.spec import ExperimentSpec, PlannedRun
from worker.training.convergence import choose_floors, measure_shift
from worker.training.data import Dataset, Examples
from worker.training.data.augmentation import make_augmentation
from worker.training.device import choose_block
from worker.training.kernels.precision import choose_forward
from worker.training.measures import count_weights, measure_weights
from worker.training.networks import Network, Slots
from worker.training.optimizers import FISTA, make_optimizer
from worker.training.optimizers.lipschitz import Curvature
from worker.training.optimizers.schedule import compute_factor
from worker.training.parameters import Parameters
from worker.training.regularizers.norms import add_up, measure_norms
from worker.training.run_state import RunState
from worker.training.step.backpropagation import make_backpropagation
from worker.training.step.batch import Batch
from worker.training.step.bound_regularizers import BoundRegularizer, bind_regularizers, sum_penalties, sum_smoothness
from worker.training.step.clipping import clip_gradients
from worker.training.step.forward_context import EVALUATION, ForwardContext, Mask, keep_branch, keep_hidden
from worker.training.step.losses import Task, differentiate
from worker.training.step.proximal import shrink_weights
from worker.training.step.sam import SecondPass

# Numbers in the activations of one run's evaluation batch, and examples in it: by the network alone, so that a run's
# evaluation does not depend on the size of its stack.
EVALUATION_NUMBERS = 4_000_000
EVALUATION_BATCH = 256
# Numbers of the batches that are gathered at once.
GATHERED_NUMBERS = 2_000_000

ComputeLosses = Callable[[Tensor, Batch, Tensor, Task], Tensor]


@dataclass(frozen=True)
class StackEpoch:
    """``metrics``: float64 (M,) by name; ``batch_losses``: float32 (M, steps).

    ``shift``: see ``measure_shift``; float64 (M,), NaN where the spec has no tolerance.
    """

    metrics: dict[str, NDArray[np.float64]]
    batch_losses: NDArray[np.float32]
    shift: NDArray[np.float64]


def count_evaluated(network: Network) -> int:
    """Examples of an evaluation batch."""
    return max(1, min(EVALUATION_BATCH, EVALUATION_NUMBERS // network.activations))


class Stack:
    """``runs``: those of one regularizer are neighbours. ``check`` is called before each step and may raise.

    ``floors``: see ``find_floors``; needed where the spec has a tolerance.
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
        self.runs = tuple(runs)
        self._spec, self._network, self._task, self._data, self._check = spec, network, task, data, check
        x = data.train.x
        self._forward = choose_forward(network, spec.precision, x.device)
        self._parameters = network.make_parameters([run.seed for run in runs], x.dtype, x.device)
        self._propagation = make_backpropagation(network, self._forward, self._parameters.slots)
        names = [tensor.name for group in self._parameters.groups for tensor in group.specs]
        self._floors = choose_floors(floors or {}, names, self._parameters.weights.values)
        self._acting = bind_regularizers(spec, runs, self._parameters)
        self._optimizer = make_optimizer(
            spec.optimizer, self._parameters.groups, lambda: self._make_fista(curvature), spec.penalize_biases
        )
        self._altering, self._blending, self._replacing = (self._find(way) for way in ("input", "blend", "loss"))
        self._context = self._make_passage()
        self._ascent = SecondPass(self._acting, self._parameters) if self._find("perturb") else None
        self._augmentation = make_augmentation(spec.dataset.augmentation, runs, x.device)
        self._steps = 0
        batch = min(count_evaluated(network), len(data.train))
        self._blocks = self._parameters.cut(choose_block(network, batch, len(self.runs), x.device))

    @property
    def parameters(self) -> Parameters:
        return self._parameters

    def run_epoch(self, orders: Mapping[int, Tensor]) -> StackEpoch:
        """One pass over the training examples, each seed in its own order (examples,), and what is measured then."""
        before = self._copy_parameters()
        losses, norms = self.train_epoch(orders)
        columns = self.measure() | {"gradient_norm": norms.T.contiguous().mean(1, dtype=torch.float64)}
        columns["train_loss"], columns["train_score"] = self.evaluate(self._data.train)
        is_same = self._data.validation is self._data.train
        validated = (columns["train_loss"], columns["train_score"]) if is_same else self.evaluate(self._data.validation)
        columns["validation_loss"], columns["validation_score"] = validated
        columns["learning_rate"] = torch.zeros_like(columns["train_loss"]) + self._optimizer.get_rates()
        columns["shift"] = self._measure_shift(before)
        # The only copies from the device of an epoch.
        table = torch.stack([column.double() for column in columns.values()]).cpu().numpy()
        metrics = dict(zip(columns, table, strict=True))
        shift = metrics.pop("shift")
        return StackEpoch(metrics, losses.T.float().cpu().numpy(), shift)

    def train_epoch(self, orders: Mapping[int, Tensor]) -> tuple[Tensor, Tensor]:
        """Batch losses and norms of the data loss's gradient, (steps, M) on the device."""
        losses, norms = [], []
        for x, y in self._cut_batches(orders):
            self._check()
            self._optimizer.look_ahead()
            batch = self._alter(Batch(self._augment(x), y))
            loss, norm = self._take_gradients(batch)
            self._update(loss, batch)
            losses.append(loss)
            norms.append(norm)
        return torch.stack(losses), torch.stack(norms)

    def _cut_batches(self, orders: Mapping[int, Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """x (M, B, *shape), or (1, B, *shape) where all runs have the same, and y (M, B)."""
        x, y = self._data.train.x, self._data.train.y
        if self._spec.batch_size == "full":
            # No copies of all examples for each run, whose order does not matter.
            runs = 1 if self._augmentation is None else len(self.runs)
            yield x.expand(runs, *x.shape), y.expand(len(self.runs), -1)
            return
        size = self._spec.choose_batch_size(len(y))
        seeds = [self.runs[0].seed] if self._has_one_order() else [run.seed for run in self.runs]
        own = torch.stack([orders[seed] for seed in seeds]).to(x.device)
        # Several batches are gathered at once: many small gathers take longer than the products.
        steps = max(1, GATHERED_NUMBERS // (len(own) * size * x[0].numel()))
        for part in torch.split(own, size * steps, dim=1):
            xs = x.index_select(0, part.flatten()).view(*part.shape, *x.shape[1:])
            ys = y.index_select(0, part.flatten()).view(part.shape).expand(len(self.runs), -1)
            yield from zip(torch.split(xs, size, 1), torch.split(ys, size, 1), strict=True)

    def _has_one_order(self) -> bool:
        """Whether all runs can share their batches: of one seed, and nothing that acts on the inputs run by run."""
        if self._augmentation is not None or len({run.seed for run in self.runs}) > 1:
            return False
        return bool(self._network.rectified) or not self._find("mask")

    @torch.no_grad()
    def evaluate(self, examples: Examples) -> tuple[Tensor, Tensor]:
        """Mean data loss and score (M,), float64, with nothing dropped."""
        measured = [self._evaluate(examples, slots) for slots in self._blocks]
        loss, hits = (torch.cat(parts) for parts in zip(*measured, strict=True))
        loss /= len(examples)
        return loss, self._task.compute_score(loss, hits, examples.y)

    def _evaluate(self, examples: Examples, slots: Slots) -> tuple[Tensor, Tensor]:
        """Sums (R,), float64, of the losses and hits of the runs whose ``slots`` these are."""
        losses, hits = [], []
        for x, y in self._split(examples):
            self._check()
            outputs = self._forward(x[None], slots, EVALUATION)
            targets = y.expand(len(outputs), -1)
            losses.append(self._task.compute_losses(outputs, targets).sum(1, dtype=torch.float64))
            hits.append(self._task.count_hits(outputs, targets).double())
        return add_up(losses), add_up(hits)

    @torch.no_grad()
    def measure(self) -> dict[str, Tensor]:
        """Penalty, norms and share of zeros (M,)."""
        return {
            "penalty": sum_penalties(self._acting, len(self.runs)),
            **measure_weights(self._parameters.weights.tensors),
        }

    def count_histograms(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint32]]]:
        """Lowest and highest weight (M,) and counts (M, bins) of each layer."""
        counted = [count_weights(weight) for weight in self._parameters.weights.tensors]
        return [(low.cpu().numpy(), high.cpu().numpy(), n.cpu().numpy().astype(np.uint32)) for low, high, n in counted]

    def get_state(self, rows: Sequence[int]) -> RunState:
        """All that the coming epochs of the runs in these rows depend on, copied."""
        state = RunState(shared={"steps": self._steps})
        state.add("parameters", self._parameters.get_state(rows))
        state.add("optimizer", self._optimizer.get_state(rows))
        for acting in self._acting:
            if acting.noise is not None:
                state.add(acting.key, acting.noise.get_state())
        if self._augmentation is not None:
            state.add("augmentation", self._augmentation.noise.get_state())
        return state

    def set_state(self, state: RunState) -> None:
        """Go on from there. ``state``: of the chunk's runs, in their order, whichever stacks they were in."""
        self._steps = int(state.shared["steps"])
        self._parameters.set_state(state.take("parameters"))
        self._optimizer.set_state(state.take("optimizer"))
        for acting in self._acting:
            if acting.noise is not None:
                acting.noise.set_state(state.take(acting.key))
        if self._augmentation is not None:
            self._augmentation.noise.set_state(state.take("augmentation"))

    def _split(self, examples: Examples) -> Iterator[tuple[Tensor, Tensor]]:
        size = count_evaluated(self._network)
        return zip(torch.split(examples.x, size), torch.split(examples.y, size), strict=True)

    def _list_parameters(self) -> list[Tensor]:
        return [tensor for group in self._parameters.groups for tensor in group.tensors]

    def _copy_parameters(self) -> list[Tensor] | None:
        """Where a tolerance asks how far an epoch moves them."""
        return None if self._spec.tolerance is None else [tensor.clone() for tensor in self._list_parameters()]

    def _measure_shift(self, before: list[Tensor] | None) -> Tensor:
        if before is None:
            return torch.full((len(self.runs),), torch.nan, dtype=torch.float64, device=self._data.train.x.device)
        return measure_shift(before, self._list_parameters(), self._floors)

    def _find(self, way: str) -> list[BoundRegularizer]:
        return [acting for acting in self._acting if acting.acts_by(way)]

    def _augment(self, x: Tensor) -> Tensor:
        return x if self._augmentation is None else self._augmentation.change(x)

    def _alter(self, batch: Batch) -> Batch:
        if self._altering:
            batch.make_own()
        for acting in self._altering:
            assert acting.noise is not None
            acting.regularizer.alter(batch, acting.rows, acting.noise)
        return batch

    def _take_gradients(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Of the step, into the gradient buffers; data losses and gradient norms (M,) where the parameters stand."""
        if self._ascent is None:
            return self._compute_gradients(batch, self._context), self._measure_gradients()
        self._ascent.keep_noise()
        measured = self._compute_gradients(batch, self._context), self._measure_gradients()
        with self._ascent.climb():
            self._compute_gradients(batch, replace(self._context, keeps_statistics=False))
        return measured

    def _compute_gradients(self, batch: Batch, context: ForwardContext) -> Tensor:
        """Into the stack's gradient buffers; the batch's data losses (M,)."""
        outputs = self._propagation.forward(batch.x, context)
        if self._blending or self._replacing:
            losses, gradient = self._differentiate(outputs, batch)
        else:
            losses, gradient = self._task.differentiate(outputs, batch.y)
        self._propagation.backward(gradient)
        return losses.mean(1)

    def _differentiate(self, outputs: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """As ``Task.differentiate``, of the losses that regularizers put in place of the task's."""
        outputs = outputs.detach().requires_grad_()
        losses = self._task.compute_losses(outputs, batch.y)
        for acting in self._blending:
            losses = self._put_losses(acting.regularizer.blend_losses, acting.rows, outputs, batch, losses)
        trained = losses
        for acting in self._replacing:
            trained = self._put_losses(acting.regularizer.compute_losses, acting.rows, outputs, batch, trained)
        return losses.detach(), differentiate(trained, outputs)

    def _put_losses(self, compute: ComputeLosses, rows: slice, outputs: Tensor, batch: Batch, losses: Tensor) -> Tensor:
        """``losses`` (M, B) with what a regularizer puts in their place in its rows."""
        own = compute(outputs[rows], batch.take(rows), losses[rows], self._task)
        return torch.cat([losses[: rows.start], own, losses[rows.stop :]])

    def _measure_gradients(self) -> Tensor:
        """L2 norm over all parameters, (M,)."""
        return measure_norms(self._list_gradients())

    def _list_gradients(self) -> list[Tensor]:
        return [gradient for group in self._parameters.groups for gradient in group.gradient_tensors]

    @torch.no_grad()
    def _update(self, losses: Tensor, batch: Batch) -> None:
        """One step along the gradients; ``losses`` (M,): the batch's data losses where they were taken."""
        for acting in self._acting:
            acting.add_gradients()
        if self._spec.clip_norm is not None:
            clip_gradients(self._list_gradients(), self._spec.clip_norm)
        self._optimizer.set_factor(self._compute_factor())
        self._steps += 1
        for acting in self._acting:
            acting.act_before(self._optimizer)
        self._move()
        while not self._optimizer.conclude(losses, lambda: self._measure_losses(batch)):
            self._move()

    def _move(self) -> None:
        self._optimizer.step()
        shrink_weights(self._acting, self._optimizer)
        for acting in self._acting:
            acting.project()

    def _measure_losses(self, batch: Batch) -> Tensor:
        """The batch's data losses (M,) where the parameters are now, with nothing dropped."""
        outputs = self._forward(batch.x, self._parameters.slots, EVALUATION)
        return self._task.compute_losses(outputs, batch.y).mean(1)

    def _make_fista(self, curvature: Curvature | None) -> FISTA:
        assert curvature is not None
        smoothness = sum_smoothness(self._acting, len(self.runs))
        return FISTA(self._parameters.groups, curvature, smoothness, self._spec.penalize_biases)

    def _compute_factor(self) -> float:
        """Of the coming step."""
        examples = len(self._data.train)
        steps = -(-examples // self._spec.choose_batch_size(examples))
        return compute_factor(self._spec.schedule, self._steps, steps, self._spec.epochs)

    def _make_passage(self) -> ForwardContext:
        """Of a training step; with several dropouts, or none, one after the other."""
        masking = self._find("mask")
        drops = [acting.drop for acting in masking]
        skips = [acting.skip for acting in self._find("skip")]

        def drop(hidden: Tensor) -> Tensor:
            for each in drops:
                hidden = each(hidden)
            return hidden

        def skip(branch: Tensor, block: int, blocks: int) -> Tensor:
            for each in skips:
                branch = each(branch, block, blocks)
            return branch

        def make_masks(hidden: Tensor) -> list[Mask]:
            return [acting.make_mask(hidden) for acting in masking]

        return ForwardContext(True, True, drop if drops else keep_hidden, skip if skips else keep_branch, make_masks)
