"""The base class of optimizers: torch.optim's arithmetic on the flat buffers of a whole stack."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import torch
from torch import Tensor

from worker.training.parameters import Group
from worker.training.regularizers.norms import sum_squares
from worker.training.run_state import RunState


class Optimizer(ABC):
    """Steps groups of the stack (weights first, then biases and normalization), in place.

    ``weight_decay`` acts on the first only, or with ``penalize_biases`` on all.
    Every element is updated by itself, so the runs of a stack never meet. Equal to torch.optim step by step.
    ``rate`` is the learning rate of the last step, and from ``set_factor`` on that of the coming one.
    """

    # The attributes that its coming steps depend on. ``buffers``: a list of one tensor per group, laid out as the group
    # is; None, or left out, where there is none yet. ``own``: a tensor (M, …). ``shared``: a number that counts for all
    # runs, or a list of counters that are equal.
    buffers: ClassVar[tuple[str, ...]] = ()
    own: ClassVar[tuple[str, ...]] = ()
    shared: ClassVar[tuple[str, ...]] = ()
    # Whether its weight_decay shrinks the weights beside the step, instead of entering the gradient.
    decoupled: ClassVar[bool] = False

    def __init__(
        self, groups: Sequence[Group], learning_rate: float, weight_decay: float, penalize_biases: bool = False
    ) -> None:
        self.base_rate = self.rate = learning_rate
        self.groups = tuple(groups)
        self._weight_decay, self._decays_all = weight_decay, penalize_biases
        self.values = [group.values for group in groups]
        self.gradients = [group.gradients for group in groups]
        # Groups that are decayed alike take their step in one call.
        decays = [weight_decay, *[0.0] * (len(groups) - 1)]
        self.parts = [(slice(i, i + 1), decay) for i, decay in enumerate(decays)]
        if weight_decay == 0 or penalize_biases:
            self.parts = [(slice(0, len(groups)), weight_decay)]

    def compute_penalty(self) -> Tensor | float:
        """½·weight_decay·Σw² of each run (M,), which coupled decay adds to the objective; 0 where it adds nothing."""
        if self._weight_decay == 0 or self.decoupled:
            return 0.0
        decayed = self.groups if self._decays_all else self.groups[:1]
        return self._weight_decay / 2 * sum_squares([tensor for group in decayed for tensor in group.tensors])

    def allocate(self) -> list[Tensor]:
        """A buffer of zeros for each group."""
        return [torch.zeros_like(value) for value in self.values]

    def count_steps(self) -> list[Tensor]:
        """A step counter for each group, as torch's functions want them."""
        return [torch.zeros((), dtype=torch.float32, device=value.device) for value in self.values]

    def set_factor(self, factor: float) -> None:
        """The schedule's factor on the learning rate, from the coming step on."""
        self.rate = self.base_rate * factor

    def get_state(self, rows: Sequence[int]) -> RunState:
        """Of the runs in these rows of the stack, copied."""
        chosen = list(rows)
        state = RunState({name: getattr(self, name)[chosen] for name in self.own})
        for name, group, _, buffer in self._list_buffers():
            if buffer is not None:
                views = zip(group.specs, group.split(buffer), strict=True)
                state.rows.update({f"{name}/{spec.name}": view[chosen] for spec, view in views})
        for name in ("rate", *self.shared):
            value = getattr(self, name)
            state.shared[name] = float(value[0] if isinstance(value, list) else value)
        return state

    def set_state(self, state: RunState) -> None:
        """``state``: of all runs of the stack, in the order of its rows, from an optimizer of the same spec."""
        for name in self.own:
            getattr(self, name).copy_(state.rows[name])
        for name, group, index, buffer in self._list_buffers():
            if all(f"{name}/{spec.name}" in state.rows for spec in group.specs):
                getattr(self, name)[index] = filled = torch.zeros_like(group.values) if buffer is None else buffer
                for spec, view in zip(group.specs, group.split(filled), strict=True):
                    view.copy_(state.rows[f"{name}/{spec.name}"])
        for name in ("rate", *self.shared):
            old, new = getattr(self, name), state.shared[name]
            if isinstance(old, list):
                for counter in old:
                    counter.fill_(new)
            else:
                setattr(self, name, type(old)(new))

    def _list_buffers(self) -> Iterator[tuple[str, Group, int, Tensor | None]]:
        for name in self.buffers:
            # Without momentum there is no list of buffers for it, or one of None.
            for index, (group, buffer) in enumerate(zip(self.groups, getattr(self, name), strict=False)):
                yield name, group, index, buffer

    def get_coming_rate(self) -> float:
        """The learning rate of the coming step."""
        return self.rate

    def get_rates(self) -> Tensor | float:
        """The last step's learning rate: one number, or each run's own (M,)."""
        return self.rate

    def look_ahead(self) -> None:  # noqa: B027 - most have nothing to do there
        """Before the gradients are taken: move the parameters to where they are to be taken."""

    def conclude(self, losses: Tensor, measure: Callable[[], Tensor]) -> bool:
        """After the step and all that acts on it: whether it is accepted; else it is taken again.

        ``losses`` (M,): the data losses where the gradients were taken; ``measure()``: those of the parameters now.
        """
        return True

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
