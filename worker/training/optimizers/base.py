"""What every optimizer is: torch.optim's arithmetic on the flat buffers of a whole stack."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from worker.training.stack import Group


class Optimizer(ABC):
    """Steps groups of the stack (weights first, then biases), in place; ``weight_decay`` acts on the first only.

    Every element is updated by itself, so the runs of a stack never meet. Equal to torch.optim step by step.
    ``rate`` is the learning rate of the last step, and from ``set_factor`` on that of the coming one.
    """

    def __init__(self, groups: Sequence[Group], learning_rate: float, weight_decay: float) -> None:
        self.base_rate = self.rate = learning_rate
        self.groups = tuple(groups)
        self.values = [group.values for group in groups]
        self.gradients = [group.gradients for group in groups]
        # Groups that are decayed alike take their step in one call.
        decays = [weight_decay, *[0.0] * (len(groups) - 1)]
        self.parts = [(slice(i, i + 1), decay) for i, decay in enumerate(decays)]
        if weight_decay == 0:
            self.parts = [(slice(0, len(groups)), 0.0)]

    def allocate(self) -> list[Tensor]:
        """A buffer of zeros for each group."""
        return [torch.zeros_like(value) for value in self.values]

    def count_steps(self) -> list[Tensor]:
        """A step counter for each group, as torch's functions want them."""
        return [torch.zeros((), dtype=torch.float32, device=value.device) for value in self.values]

    def set_factor(self, factor: float) -> None:
        """The schedule's factor on the learning rate, from the coming step on."""
        self.rate = self.base_rate * factor

    def get_coming_rate(self) -> float:
        """The learning rate of the coming step."""
        return self.rate

    @abstractmethod
    def step(self) -> None:
        """One step along the groups' gradients."""

    @abstractmethod
    def scale_step(self, strengths: Tensor, group: int, tensor: int, rows: slice) -> Tensor:
        """λ·η for the proximal map, from ``strengths`` (R, 1, 1): that shape, or one per weight (R, rows, columns).

        η is what the last step multiplied a lasting gradient by. With momentum a step follows a sum of past
        gradients; its weights are summed here, so that the data's pull and the penalty's balance where the objective
        has its optimum. That sum is of gradients, not of past steps, so under a schedule too it is multiplied by the
        last step's own rate, whatever the rates were when the gradients came.
        """
