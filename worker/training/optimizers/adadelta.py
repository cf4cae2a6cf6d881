"""Adadelta."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from core.spec import Adadelta as AdadeltaSpec
from worker.training.optimizers.base import Optimizer
from worker.training.parameters import Group


class Adadelta(Optimizer):
    """torch.optim.Adadelta. Source: Zeiler 2012, arXiv 1212.5701.

    Proximal η: learning rate · √(u + ε) / √(v + ε), u as it was before the step. By hand, since torch's function
    does not give that ratio out.
    """

    buffers: ClassVar = ("_squares", "_updates")

    def __init__(self, spec: AdadeltaSpec, groups: Sequence[Group], penalize_biases: bool = False) -> None:
        super().__init__(groups, spec.learning_rate, spec.weight_decay, penalize_biases)
        self._spec = spec
        self._squares, self._updates, self._ratios, self._scratch = (self.allocate() for _ in range(4))
        self._ratio_views = [group.split(ratio) for group, ratio in zip(groups, self._ratios, strict=True)]

    def step(self) -> None:
        for part, decay in self.parts:
            for group in range(len(self.groups))[part]:
                self._step(group, decay)

    def _step(self, group: int, decay: float) -> None:
        rho, epsilon = self._spec.rho, self._spec.epsilon
        value, gradient, ratio = self.values[group], self.gradients[group], self._ratios[group]
        square, update, scratch = self._squares[group], self._updates[group], self._scratch[group]
        if decay:
            gradient.add_(value, alpha=decay)
        square.mul_(rho).addcmul_(gradient, gradient, value=1 - rho)
        torch.add(square, epsilon, out=scratch).sqrt_()
        torch.add(update, epsilon, out=ratio).sqrt_().div_(scratch)
        delta = torch.mul(ratio, gradient, out=scratch)
        update.mul_(rho).addcmul_(delta, delta, value=1 - rho)
        value.add_(delta, alpha=-self.rate)

    def scale_step(self, strengths: Tensor, group: int, tensor: int, rows: slice) -> Tensor:
        return self._ratio_views[group][tensor][rows] * (strengths * self.rate)
