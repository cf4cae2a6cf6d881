"""RMSprop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor
from torch.optim.rmsprop import rmsprop

from core.spec import RMSprop as RMSpropSpec
from worker.training.optimizers.base import Optimizer
from worker.training.parameters import Group


class RMSprop(Optimizer):
    """torch.optim.RMSprop. Source: Hinton 2012, Neural Networks for Machine Learning, lecture 6e.

    Proximal η: learning rate · c / (√v + ε), c the sum of the momentum's weights: c ← μ·c + 1.
    """

    buffers: ClassVar = ("_squares", "_momenta")
    shared: ClassVar = ("_counts", "_sum")

    def __init__(self, spec: RMSpropSpec, groups: Sequence[Group], penalize_biases: bool = False) -> None:
        super().__init__(groups, spec.learning_rate, spec.weight_decay, penalize_biases)
        self._spec = spec
        self._squares, self._counts = self.allocate(), self.count_steps()
        self._momenta = self.allocate() if spec.momentum > 0 else []
        self._square_views = [group.split(square) for group, square in zip(groups, self._squares, strict=True)]
        self._sum = 0.0

    def step(self) -> None:
        spec = self._spec
        for part, decay in self.parts:
            rmsprop(
                self.values[part], self.gradients[part], self._squares[part], [], self._momenta[part],
                self._counts[part], foreach=False, lr=self.rate, alpha=spec.alpha, eps=spec.epsilon,
                weight_decay=decay, momentum=spec.momentum, centered=False,
            )  # fmt: skip
        self._sum = spec.momentum * self._sum + 1

    def scale_step(self, strengths: Tensor, group: int, tensor: int, rows: slice) -> Tensor:
        root = self._square_views[group][tensor][rows].sqrt().add_(self._spec.epsilon)
        return torch.div(strengths * (self.rate * self._sum), root, out=root)
