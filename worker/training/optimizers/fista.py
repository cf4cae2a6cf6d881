"""Accelerated proximal gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

import torch
from torch import Tensor

from worker.training.optimizers.base import Optimizer
from worker.training.optimizers.lipschitz import Curvature
from worker.training.parameters import Group
from worker.training.regularizers.norms import add_up

# After each step a run tries a longer one; it is halved where the loss bends more than it assumes.
_GROWTH = 0.9
_SHRINKAGE = 2.0
_LEAST = 1e-9
# Below this share of the loss, in units of the rounding, its bend cannot be told from rounding.
_NOISE = 64.0
# A slope that equals the strength but for so much rounding leaves its weight at exactly 0.
_TIE = 32.0


class FISTA(Optimizer):
    """Each step goes from y, ahead of the parameters x: x′ ← prox(y − ∇f(y)/H), then y ← x′ + β(x′ − x).

    f is the data loss with the penalties that have a gradient. H = L·diag(scale) + the curvature of those penalties; L
    is each run's own, at most the largest that ``curvature`` proves, and less where the loss is seen to bend less
    between y and x′ (backtracking, which may also lengthen the step). The gradients are taken at y, and all that is
    measured after the step is of x. β is Nesterov's, and starts anew when the step points against the last move. Where
    the features are not centered the intercept is that of centered ones while it steps, which is the same model. The
    problem is convex, so the start does not matter: it is 0, so that no weight that does nothing keeps a number.

    Sources: Beck & Teboulle 2009, SIAM J. Imaging Sci. 2(1); steps that lengthen: Scheinberg, Goldfarb & Bai 2014,
    Found. Comput. Math. 14(3); restart by the gradient: O'Donoghue & Candès 2015, Found. Comput. Math. 15(3).
    """

    buffers: ClassVar = ("_ahead",)
    own: ClassVar = ("_counts", "_bends")

    def __init__(
        self, groups: Sequence[Group], curvature: Curvature, smoothness: Tensor, penalize_biases: bool
    ) -> None:
        """``smoothness`` (M, 1, 1): of each run, how sharply the penalties bend that act by their gradient."""
        super().__init__(groups, 1 / curvature.largest, 0.0)
        self._largest = curvature.largest
        for group in groups:
            group.values.zero_()
        self._ahead = self.allocate()
        self._before = self.allocate()
        self._ahead_views = [group.split(ahead) for group, ahead in zip(groups, self._ahead, strict=True)]
        self._before_views = [group.split(before) for group, before in zip(groups, self._before, strict=True)]
        self._center = curvature.center.to(groups[0].values)
        self._scales = [curvature.scale.to(groups[0].values), groups[0].values.new_tensor(curvature.intercept)]
        self._smoothness = [smoothness, smoothness * penalize_biases]
        self._counts = torch.ones_like(smoothness)
        self._bends = torch.full_like(smoothness, self._largest)
        self._noise = _NOISE * torch.finfo(smoothness.dtype).eps
        self._favour = 1 + _TIE * torch.finfo(smoothness.dtype).eps

    def get_rates(self) -> Tensor:
        return 1 / self._bends.flatten()

    def look_ahead(self) -> None:
        for value, before, ahead in zip(self.values, self._before, self._ahead, strict=True):
            before.copy_(value)
            value.copy_(ahead)

    def step(self) -> None:
        for group, tensors in enumerate(self._list_tensors()):
            for value, gradient, ahead, _ in tensors:
                own = gradient if group else self._center_gradient(gradient)
                torch.sub(ahead, own / self._measure_bend(group), out=value)

    def scale_step(self, strengths: Tensor, group: int, tensor: int, rows: slice) -> Tensor:
        shape = self.groups[group].tensors[tensor][rows].shape
        return (strengths * self._favour / self._measure_bend(group)[rows]).expand(shape)

    def conclude(self, losses: Tensor, measure: Callable[[], Tensor]) -> bool:
        moves = [[value - ahead for value, _, ahead, _ in tensors] for tensors in self._list_tensors()]
        self._settle_intercept(moves[0])
        expected, bend = self._foresee(moves)
        is_seen = bend > self._noise * losses.abs()
        excess = measure() - losses - expected
        too_long = is_seen & (excess > bend) & (self._bends.flatten() < self._largest)
        if too_long.any():
            longer = (self._bends * _SHRINKAGE).clamp(max=self._largest)
            self._bends.copy_(torch.where(too_long.view(-1, 1, 1), longer, self._bends))
            return False
        self._extrapolate(moves)
        # Not for ever: the loss of classes that can be told apart falls to 0 along weights that grow without end.
        smaller = (self._bends * _GROWTH).clamp(min=self._largest * _LEAST)
        # Where no bend is seen, a step that suits flatter directions would amplify rounding in steeper ones.
        larger = (self._bends / _GROWTH).clamp(max=self._largest)
        self._bends.copy_(torch.where(is_seen.view(-1, 1, 1), smaller, larger))
        return True

    def _list_tensors(self) -> list[list[tuple[Tensor, Tensor, Tensor, Tensor]]]:
        """Per group and tensor: values, gradients, where the gradients were taken, and where the last step ended."""
        return [
            list(zip(group.tensors, group.gradient_tensors, ahead, before, strict=True))
            for group, ahead, before in zip(self.groups, self._ahead_views, self._before_views, strict=True)
        ]

    def _measure_bend(self, group: int) -> Tensor:
        """H, (M, 1, features) of the weights, (M, 1, 1) of the intercept."""
        return self._bends * self._scales[group] + self._smoothness[group]

    def _center_gradient(self, gradient: Tensor) -> Tensor:
        """Of the weights (M, K, features), where the intercept is that of centered features."""
        intercepts = self.groups[1].gradient_tensors
        return gradient - intercepts[0].mT * self._center if intercepts else gradient

    def _settle_intercept(self, moves: Sequence[Tensor]) -> None:
        """From the intercept of centered features to the network's own."""
        for bias in self.groups[1].tensors:
            bias.sub_((moves[0] * self._center).sum(2).unsqueeze(1))

    def _foresee(self, moves: Sequence[Sequence[Tensor]]) -> tuple[Tensor, Tensor]:
        """By how much the data loss changes to first order, and how much more the bend allows, (M,)."""
        slopes, bends = [], []
        for group, tensors in enumerate(self._list_tensors()):
            for (value, gradient, ahead, _), move in zip(tensors, moves[group], strict=True):
                slopes.append(_multiply(gradient - self._smoothness[group] * ahead, value - ahead))
                bends.append(_multiply(move * self._scales[group], move))
        return add_up(slopes), add_up(bends) * self._bends.flatten() / 2

    def _extrapolate(self, moves: Sequence[Sequence[Tensor]]) -> None:
        lasts = [[value - before for value, _, _, before in tensors] for tensors in self._list_tensors()]
        centered = [lasts[0], [last + (lasts[0][0] * self._center).sum(2).unsqueeze(1) for last in lasts[1]]]
        along = [
            _multiply(move * self._measure_bend(group), last)
            for group in range(len(moves))
            for move, last in zip(moves[group], centered[group], strict=True)
        ]
        starts_anew = (add_up(along) < 0).view(-1, 1, 1)
        counts = torch.where(starts_anew, torch.ones_like(self._counts), self._counts)
        following = ((4 * counts.square() + 1).sqrt() + 1) / 2
        share = (counts - 1) / following
        for tensors, own in zip(self._list_tensors(), lasts, strict=True):
            for (value, _, ahead, _), last in zip(tensors, own, strict=True):
                torch.add(value, share * last, out=ahead)
        self._counts.copy_(following)


def _multiply(one: Tensor, other: Tensor) -> Tensor:
    """The scalar product of each run (M,)."""
    return (one * other).flatten(1).sum(1)
