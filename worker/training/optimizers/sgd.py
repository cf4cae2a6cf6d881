"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from torch import Tensor
from torch.optim.sgd import sgd

from core.spec import SGD as SGDSpec
from worker.training.optimizers.base import Optimizer
from worker.training.parameters import Group


class SGD(Optimizer):
    """torch.optim.SGD. Source: Sutskever et al. 2013, ICML, in torch's formulation.

    Proximal η: learning rate times the sum of the weights that the step gives to past gradients, c ← μ·c + 1 − τ
    with c = 1 at the first step (1 + μ·c under Nesterov).
    """

    buffers: ClassVar = ("_momenta",)
    shared: ClassVar = ("_sum",)

    def __init__(self, spec: SGDSpec, groups: Sequence[Group], penalize_biases: bool = False) -> None:
        super().__init__(groups, spec.learning_rate, spec.weight_decay, penalize_biases)
        self._spec = spec
        self._momenta: list[Tensor | None] = [None] * len(groups)
        self._sum = 0.0

    def step(self) -> None:
        spec = self._spec
        for part, decay in self.parts:
            momenta = self._momenta[part]
            sgd(
                self.values[part], self.gradients[part], momenta, fused=True, weight_decay=decay,
                momentum=spec.momentum, lr=self.rate, dampening=spec.dampening, nesterov=spec.nesterov, maximize=False,
            )  # fmt: skip
            self._momenta[part] = momenta
        self._sum = spec.momentum * self._sum + 1 - spec.dampening if self._sum else 1.0

    def scale_step(self, strengths: Tensor, group: int, tensor: int, rows: slice) -> Tensor:
        total = 1 + self._spec.momentum * self._sum if self._spec.nesterov else self._sum
        return strengths * (self.rate * total)
