"""The base class of regularizers: a formula, and one or more ways to act on a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import torch
from torch import Tensor

from core.spec.regularizer import Interval
from worker.training.regularizers.convex_norms import Norms
from worker.training.rng import Purpose
from worker.training.step.batch import Batch
from worker.training.step.losses import Task
from worker.training.step.noise import Noise


class Regularizer:
    """One regularizer at R strengths, acting on R neighbouring runs of a stack.

    ``strengths``: (R, 1, 1), which broadcasts over parameter tensors (R, rows, columns). A subclass overrides the
    hooks below that it needs, and names them in ``acts_by``; the others do nothing. At strength 0 every hook leaves
    its tensor's values exactly as they are, so that the run equals the baseline bit for bit.
    """

    legal: ClassVar[Interval]
    acts_by: ClassVar[frozenset[str]] = frozenset()
    # The purpose of its noise, drawn once per seed; None draws none.
    purpose: ClassVar[Purpose | None] = None
    # Whether it draws that on the CPU, wherever the stack is.
    draws_on_host: ClassVar[bool] = False
    # Where it acts by its gradient λ·∂Ω: the largest slope of ∂Ω.
    smoothness: ClassVar[float] = 0.0
    # Whether ``shrink`` needs a row as a whole.
    groups: ClassVar[bool] = False

    def __init__(self, strengths: Tensor, parameters: Mapping[str, float] | None = None) -> None:
        self.strengths = strengths.view(-1, 1, 1)
        self.parameters = dict(parameters or {})

    @property
    def curvature(self) -> float:
        """b, where Ω holds b/2·Σw² and ``shrink`` therefore divides by 1 + λ·η·b."""
        return 0.0

    @property
    def norms(self) -> Norms | None:
        """Ω as a sum of norms, where it is one and its optimum is reached exactly: from it follows a duality gap."""
        return None

    def find_largest_strength(self, slope: Tensor) -> float | None:
        """The least λ at which a linear model's optimum is w = 0; None where there is none.

        ``slope``: the mean data loss's gradient (rows, columns) at w = 0 and the best intercept (``compute_slope``).
        0 is the optimum where −slope/λ is a subgradient of Ω there: λ is the norm dual to Ω, of the slope.
        """
        return None

    def compute_omega(self, weights: Sequence[Tensor]) -> Tensor:
        """Ω of each run (R,), of tensors (R, rows, columns). 0 for a regularizer that adds nothing to the objective."""
        return torch.zeros_like(self.strengths.flatten())

    def add_gradient(self, weight: Tensor, gradient: Tensor) -> None:
        """``gradient``: to the data loss's gradient add λ·∂Ω in place, before the optimizer sees it."""

    def add_subgradient(self, weight: Tensor, gradient: Tensor) -> None:
        """``gradient`` and ``shrink``: to ``gradient`` add λ·∂Ω in place, to be measured.

        Where Ω has a kink at 0, the subgradient 0.
        """
        self.add_gradient(weight, gradient)

    def decay(self, weight: Tensor, rate: float) -> None:
        """``decay``: shrink the weights in place before the step; ``rate`` is the step's η."""

    def shrink(self, weight: Tensor, scaled: Tensor) -> None:
        """``shrink``: the proximal map, in place after the step.

        ``scaled``: λ·η, with η what the optimizer multiplied the gradient by; (R, 1, 1) or one per weight.
        """

    def project(self, weight: Tensor) -> None:
        """``project``: after the step, in place, back into the set of legal weights."""

    def make_mask(self, noise: Tensor) -> Tensor:
        """``mask``: factors for hidden activations, from noise (R, B, units) that is uniform on [0, 1)."""
        return torch.ones_like(noise)

    def make_branch_mask(self, noise: Tensor, block: int, blocks: int) -> Tensor:
        """``skip``: factors for the branch of residual block ``block`` of ``blocks``, from uniform noise (R, B)."""
        return torch.ones_like(noise)

    def alter(self, batch: Batch, rows: slice, noise: Noise) -> None:
        """``input``: change the examples of its ``rows`` of the batch, in place. ``batch.x`` is each run's own."""

    def blend_losses(self, outputs: Tensor, batch: Batch, plain: Tensor, task: Task) -> Tensor:
        """``blend``: the data losses (R, B) of examples that ``alter`` made of two each, with gradients.

        ``plain`` are those of ``batch.y`` alone. Comes before every ``compute_losses``; these losses are reported.
        """
        return plain

    def compute_losses(self, outputs: Tensor, batch: Batch, plain: Tensor, task: Task) -> Tensor:
        """``loss``: the loss (R, B) that is trained on in place of the data loss ``plain``, with gradients.

        ``outputs`` (R, B, K) and ``batch`` are of its own rows. The reported losses do not change.
        """
        return plain

    def perturb(self, weights: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
        """``perturb``: move parameters (R, rows, columns) in place to the point at which the gradient is taken."""
