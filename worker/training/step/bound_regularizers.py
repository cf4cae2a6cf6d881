"""Regularizers bound to their rows of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from torch import Tensor

from core.spec import BASELINE, ExperimentSpec, PlannedRun, RegularizerBase
from worker.training.device import cut_to_cache
from worker.training.optimizers import Optimizer
from worker.training.parameters import Parameters
from worker.training.regularizers import Regularizer, make_regularizer
from worker.training.step.forward_context import Mask
from worker.training.step.noise import Noise


@dataclass(frozen=True)
class Target:
    """A tensor that a regularizer acts on: views (R, rows, columns), and its place in the optimizer's groups."""

    value: Tensor
    gradient: Tensor
    group: int
    tensor: int


@dataclass(frozen=True)
class BoundRegularizer:
    """A regularizer, the neighbouring rows of the stack that are its own, its tensors there, and its noise."""

    key: str
    regularizer: Regularizer
    rows: slice
    targets: tuple[Target, ...]
    noise: Noise | None

    def acts_by(self, way: str) -> bool:
        return way in self.regularizer.acts_by

    def add_gradients(self) -> None:
        """To the data loss's gradients, before anything is done with them."""
        if self.acts_by("gradient"):
            for target in self.targets:
                self.regularizer.add_gradient(target.value, target.gradient)

    def act_before(self, optimizer: Optimizer) -> None:
        """Before the optimizer's step, on the weights beside it."""
        if self.acts_by("decay"):
            for target in self.targets:
                self.regularizer.decay(target.value, optimizer.get_coming_rate())

    def scale_step(self, optimizer: Optimizer, index: int) -> Tensor:
        """λ·η of the proximal map of target ``index``, after the step."""
        target = self.targets[index]
        return optimizer.scale_step(self.regularizer.strengths, target.group, target.tensor, self.rows)

    def shrink_alone(self, optimizer: Optimizer, index: int) -> None:
        """The proximal map of target ``index`` where nothing else shrinks it, some runs after the others."""
        target, start = self.targets[index], self.rows.start
        for value in cut_to_cache(target.value):
            rows = slice(start, start + len(value))
            strengths = self.regularizer.strengths[rows.start - self.rows.start : rows.stop - self.rows.start]
            scaled = optimizer.scale_step(strengths, target.group, target.tensor, rows)
            self.regularizer.shrink(value, scaled)
            start = rows.stop

    def project(self) -> None:
        """After the step and every proximal map."""
        if self.acts_by("project"):
            for target in self.targets:
                self.regularizer.project(target.value)

    def perturb(self) -> None:
        """Move its runs' parameters to the point at which the gradient is taken instead."""
        self.regularizer.perturb([each.value for each in self.targets], [each.gradient for each in self.targets])

    def drop(self, hidden: Tensor) -> Tensor:
        """``hidden`` (M, B, …) times the mask of its rows; the noise is drawn anew at each call."""
        return self._scale(hidden, self.make_mask(hidden).factors)

    def make_mask(self, hidden: Tensor) -> Mask:
        """The mask that ``drop`` multiplies by."""
        assert self.noise is not None
        noise = self.noise.draw_uniform(hidden.shape[1:])
        return Mask(self.rows, self.regularizer.make_mask(noise.flatten(2)).view(noise.shape))

    def skip(self, branch: Tensor, block: int, blocks: int) -> Tensor:
        """``branch`` (M, B, …) times a factor for each example of its rows."""
        assert self.noise is not None
        noise = self.noise.draw_uniform(branch.shape[1:2])
        mask = self.regularizer.make_branch_mask(noise, block, blocks)
        return self._scale(branch, mask.view(*mask.shape, *[1] * (branch.dim() - 2)))

    def compute_penalty(self) -> Tensor:
        """λ·Ω of each run (R,)."""
        omega = self.regularizer.compute_omega([target.value for target in self.targets])
        return self.regularizer.strengths.flatten() * omega

    def _scale(self, values: Tensor, own: Tensor) -> Tensor:
        if self.rows == slice(0, len(values)):
            return values * own
        mask = own.new_ones(len(values), *own.shape[1:])
        mask[self.rows] = own
        return values * mask


def bind_regularizers(
    spec: ExperimentSpec, runs: Sequence[PlannedRun], parameters: Parameters
) -> list[BoundRegularizer]:
    """The fixed ones, which have all rows, then the swept ones in the order of their rows.

    ``runs``: those of one regularizer are neighbours.
    """
    bound = [_bind(spec, fixed, runs, [fixed.values()[0]] * len(runs), 0, parameters) for fixed in spec.fixed]
    start = 0
    for key, group in groupby(runs, key=lambda run: run.regularizer):
        own = list(group)
        chosen = next((regularizer for regularizer in spec.regularizers if regularizer.key == key), None)
        bound.append(_bind(spec, chosen, own, [run.strength for run in own], start, parameters))
        start += len(own)
    return bound


def _bind(
    spec: ExperimentSpec,
    chosen: RegularizerBase | None,
    own: Sequence[PlannedRun],
    strengths: Sequence[float],
    start: int,
    parameters: Parameters,
) -> BoundRegularizer:
    values = parameters.weights.values.new_tensor(strengths)
    name, options = (BASELINE, {}) if chosen is None else (str(chosen.name), chosen.parameters())  # type: ignore[attr-defined]
    regularizer = make_regularizer(name, values, options)
    rows = slice(start, start + len(own))
    everywhere = spec.penalize_biases or "perturb" in regularizer.acts_by
    place = torch.device("cpu") if regularizer.draws_on_host else values.device
    noise = None if regularizer.purpose is None else Noise(own, regularizer.purpose, place)
    return BoundRegularizer(
        chosen.key if chosen else BASELINE, regularizer, rows, _find_targets(everywhere, parameters, rows), noise
    )


def _find_targets(everywhere: bool, parameters: Parameters, rows: slice) -> tuple[Target, ...]:
    """Those of the weights, or of all parameters."""
    groups = parameters.groups if everywhere else (parameters.weights,)
    return tuple(
        Target(value[rows], gradient[rows], i, j)
        for i, group in enumerate(groups)
        for j, (value, gradient) in enumerate(zip(group.tensors, group.gradient_tensors, strict=True))
    )


def select(bound: Sequence[BoundRegularizer], way: str) -> list[BoundRegularizer]:
    """Those that act in this way."""
    return [each for each in bound if each.acts_by(way)]
