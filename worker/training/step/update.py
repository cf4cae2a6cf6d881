"""The update of a step: from the data loss's gradients to the parameters after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from core.spec import ExperimentSpec
from worker.training.optimizers import Optimizer
from worker.training.optimizers.schedule import compute_factor
from worker.training.parameters import Parameters
from worker.training.step.batch import Batch
from worker.training.step.bound_regularizers import BoundRegularizer
from worker.training.step.clipping import clip_gradients
from worker.training.step.proximal import shrink_weights


class Update:
    """Penalties' gradients, clipping, schedule, decay, the optimizer's step, proximal maps, projections.

    ``examples``: the size of the training set. ``measure_losses``: a batch's data losses (M,) at the parameters as they
    are. ``steps``: taken so far.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        examples: int,
        parameters: Parameters,
        bound: Sequence[BoundRegularizer],
        optimizer: Optimizer,
        measure_losses: Callable[[Batch], Tensor],
    ) -> None:
        self._spec, self._parameters, self._bound, self._optimizer = spec, parameters, bound, optimizer
        self._measure_losses = measure_losses
        self._steps_per_epoch = -(-examples // spec.choose_batch_size(examples))
        self.steps = 0

    @torch.no_grad()
    def apply(self, losses: Tensor, batch: Batch) -> None:
        """One step along the gradients; ``losses`` (M,): the batch's data losses where they were taken."""
        for each in self._bound:
            each.add_gradients()
        if self._spec.clip_norm is not None:
            clip_gradients(self._parameters.list_gradients(), self._spec.clip_norm)
        self._optimizer.set_factor(
            compute_factor(self._spec.schedule, self.steps, self._steps_per_epoch, self._spec.epochs)
        )
        self.steps += 1
        for each in self._bound:
            each.act_before(self._optimizer)
        self._move()
        while not self._optimizer.conclude(losses, lambda: self._measure_losses(batch)):
            self._move()

    def _move(self) -> None:
        self._optimizer.step()
        shrink_weights(self._bound, self._optimizer)
        for each in self._bound:
            each.project()
