"""The gradients of a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from worker.training.parameters import Parameters
from worker.training.regularizers.norms import measure_norms
from worker.training.step.backpropagation import Backpropagation
from worker.training.step.batch import Batch
from worker.training.step.bound_regularizers import BoundRegularizer, select
from worker.training.step.forward_context import ForwardContext
from worker.training.step.losses import Task, differentiate
from worker.training.step.sam import SecondPass
from worker.training.step.training_context import make_training_context

ComputeLosses = Callable[[Tensor, Batch, Tensor, Task], Tensor]


class Gradients:
    """Takes gradients into the stack's buffers; SAM's at parameters that it moves away and back."""

    def __init__(
        self, propagation: Backpropagation, task: Task, parameters: Parameters, bound: Sequence[BoundRegularizer]
    ) -> None:
        self._propagation, self._task, self._parameters = propagation, task, parameters
        self._blending, self._replacing = select(bound, "blend"), select(bound, "loss")
        self._context = make_training_context(bound)
        self._second_pass = SecondPass(bound, parameters) if select(bound, "perturb") else None

    def take(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Data losses and gradient norms (M,) at the present parameters."""
        if self._second_pass is None:
            return self._compute(batch, self._context), self._measure()
        self._second_pass.save_noise()
        measured = self._compute(batch, self._context), self._measure()
        with self._second_pass.perturb():
            self._compute(batch, replace(self._context, keeps_statistics=False))
        return measured

    def _compute(self, batch: Batch, context: ForwardContext) -> Tensor:
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
        for each in self._blending:
            losses = self._replace(each.regularizer.blend_losses, each.rows, outputs, batch, losses)
        trained = losses
        for each in self._replacing:
            trained = self._replace(each.regularizer.compute_losses, each.rows, outputs, batch, trained)
        return losses.detach(), differentiate(trained, outputs)

    def _replace(self, compute: ComputeLosses, rows: slice, outputs: Tensor, batch: Batch, losses: Tensor) -> Tensor:
        """``losses`` (M, B) with a regularizer's own in its rows."""
        own = compute(outputs[rows], batch.take(rows), losses[rows], self._task)
        return torch.cat([losses[: rows.start], own, losses[rows.stop :]])

    def _measure(self) -> Tensor:
        """L2 norm over all parameters, (M,)."""
        return measure_norms(self._parameters.list_gradients())
