"""Adam."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import ClassVar

import torch
from torch import Tensor

from core.spec import Adam as AdamSpec
from core.spec import AdamW as AdamWSpec
from worker.training.optimizers.base import Optimizer
from worker.training.parameters import Group


class Adam(Optimizer):
    """torch.optim.Adam, in one pass over memory. Source: Kingma & Ba 2015, arXiv 1412.6980.

    Proximal η: learning rate / (√v̂ + ε), with v̂ after the step. The first moment is a mean, whose weights sum to 1.
    """

    buffers: ClassVar = ("_means", "_squares")
    shared: ClassVar = ("_counts", "_steps")

    def __init__(self, spec: AdamSpec | AdamWSpec, groups: Sequence[Group], penalize_biases: bool = False) -> None:
        super().__init__(groups, spec.learning_rate, spec.weight_decay, penalize_biases)
        self._spec = spec
        self._means, self._squares, self._counts = self.allocate(), self.allocate(), self.count_steps()
        self._square_views = [group.split(square) for group, square in zip(groups, self._squares, strict=True)]
        self._steps = 0

    def step(self) -> None:
        spec = self._spec
        # torch.optim calls these in the end; its way there takes as long as a small stack's step.
        update = torch._fused_adamw_ if self.decoupled else torch._fused_adam_
        torch._foreach_add_(self._counts, 1)
        for part, decay in self.parts:
            update(
                self.values[part], self.gradients[part], self._means[part], self._squares[part], [],
                self._counts[part], lr=self.rate, beta1=spec.beta1, beta2=spec.beta2, weight_decay=decay,
                eps=spec.epsilon, amsgrad=False, maximize=False,
            )  # fmt: skip
        self._steps += 1

    def scale_step(self, strengths: Tensor, group: int, tensor: int, rows: slice) -> Tensor:
        correction = sqrt(1 - self._spec.beta2**self._steps)
        root = self._square_views[group][tensor][rows].sqrt().add_(self._spec.epsilon * correction)
        return torch.div(strengths * (self.rate * correction), root, out=root)
