"""Regularizers bound to their rows of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from torch import Tensor

from core.spec import BASELINE, ExperimentSpec, PlannedRun
from worker.training.optimizers import Optimizer
from worker.training.regularizers import Regularizer, make_regularizer
from worker.training.stack import Parameters


@dataclass(frozen=True)
class Target:
    """A tensor that a regularizer acts on: views (R, rows, columns), and where the optimizer finds it."""

    value: Tensor
    gradient: Tensor
    group: int
    tensor: int


@dataclass(frozen=True)
class Acting:
    """A regularizer, the neighbouring rows of the stack that are its own, and its tensors there."""

    regularizer: Regularizer
    rows: slice
    targets: tuple[Target, ...]

    def acts_by(self, way: str) -> bool:
        return way in self.regularizer.acts_by

    def act_before(self, optimizer: Optimizer) -> None:
        """Before the optimizer's step: on the gradients, or on the weights beside it."""
        if self.acts_by("gradient"):
            for target in self.targets:
                self.regularizer.add_gradient(target.value, target.gradient)
        if self.acts_by("decay"):
            for target in self.targets:
                self.regularizer.decay(target.value, optimizer.get_coming_rate())

    def act_after(self, optimizer: Optimizer) -> None:
        """After the step: the proximal map."""
        if self.acts_by("shrink"):
            for target in self.targets:
                scaled = optimizer.scale_step(self.regularizer.strengths, target.group, target.tensor, self.rows)
                self.regularizer.shrink(target.value, scaled)

    def compute_penalty(self) -> Tensor:
        """λ·Ω of each run (R,)."""
        omega = self.regularizer.compute_omega([target.value for target in self.targets])
        return self.regularizer.strengths.flatten() * omega


def bind_regularizers(spec: ExperimentSpec, runs: Sequence[PlannedRun], parameters: Parameters) -> list[Acting]:
    """In the order of their rows; ``runs``: those of one regularizer are neighbours."""
    groups = parameters.groups if spec.penalize_biases else (parameters.weights,)
    bound, start = [], 0
    for key, own in groupby(runs, key=lambda run: run.regularizer):
        strengths = parameters.weights.values.new_tensor([run.strength for run in own])
        rows = slice(start, start + len(strengths))
        targets = tuple(
            Target(value[rows], gradient[rows], i, j)
            for i, group in enumerate(groups)
            for j, (value, gradient) in enumerate(zip(group.tensors, group.gradient_tensors, strict=True))
        )
        bound.append(Acting(_make(spec, key, strengths), rows, targets))
        start = rows.stop
    return bound


def _make(spec: ExperimentSpec, key: str, strengths: Tensor) -> Regularizer:
    chosen = next((regularizer for regularizer in spec.regularizers if regularizer.key == key), None)
    if chosen is None:
        return make_regularizer(BASELINE, strengths)
    return make_regularizer(chosen.name, strengths, chosen.parameters())
