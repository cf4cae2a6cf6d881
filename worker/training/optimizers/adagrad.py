"""Adagrad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor
from torch.optim.adagrad import adagrad

from core.spec import Adagrad as AdagradSpec
from worker.training.optimizers.base import Optimizer
from worker.training.parameters import Group


class Adagrad(Optimizer):
    """torch.optim.Adagrad. Source: Duchi, Hazan & Singer 2011, JMLR 12.

    Proximal η: the decayed learning rate / (√s + ε), s the sum of squared gradients.
    """

    buffers: ClassVar = ("_sums",)
    shared: ClassVar = ("_counts", "_steps")

    def __init__(self, spec: AdagradSpec, groups: Sequence[Group], penalize_biases: bool = False) -> None:
        super().__init__(groups, spec.learning_rate, spec.weight_decay, penalize_biases)
        self._spec = spec
        self._sums, self._counts = self.allocate(), self.count_steps()
        self._sum_views = [group.split(total) for group, total in zip(groups, self._sums, strict=True)]
        self._steps = 0
        self._rate = spec.learning_rate

    def step(self) -> None:
        for part, decay in self.parts:
            adagrad(
                self.values[part], self.gradients[part], self._sums[part], self._counts[part], foreach=False,
                lr=self._rate, weight_decay=decay, lr_decay=self._spec.learning_rate_decay,
                eps=self._spec.epsilon, maximize=False,
            )  # fmt: skip
        self.rate = self.get_coming_rate()
        self._steps += 1

    def set_factor(self, factor: float) -> None:
        self._rate = self.base_rate * factor
        self.rate = self.get_coming_rate()

    def get_coming_rate(self) -> float:
        return self._rate / (1 + self._steps * self._spec.learning_rate_decay)

    def scale_step(self, strengths: Tensor, group: int, tensor: int, rows: slice) -> Tensor:
        root = self._sum_views[group][tensor][rows].sqrt().add_(self._spec.epsilon)
        return torch.div(strengths * self.rate, root, out=root)
