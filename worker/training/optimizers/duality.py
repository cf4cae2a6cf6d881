"""Proofs of how far a linear model is from the optimum of its convex objective, from its weights alone.

For any u in the domain of the conjugate losses ℓ* whose outputs' means are 0, as an unpenalized intercept asks,
−Σℓ*(uᵢ)/n − R*(−Xᵀu/n) is at most the optimum (Fenchel's duality: Boyd & Vandenberghe 2004, Convex Optimization, 5).
u is the slope of the losses at the model, shrunk until R* is finite, as scikit-learn does for the lasso.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, sqrt

import torch
from torch import Tensor
from torch.nn import functional

from worker.training.regularizers.convex_norms import Norms

# Rows at once, so that a large data set needs no copy in float64.
_ROWS = 4096
# The bound holds against every model whose intercepts are no larger; means of u that are not quite 0 count as much.
_LARGEST_INTERCEPT = 1e3
_NEWTON_STEPS = 30


@dataclass(frozen=True)
class Model:
    """``weights`` (outputs, features) and ``intercepts`` (outputs,), float64; None without."""

    weights: Tensor
    intercepts: Tensor | None


def bound_gap(x: Tensor, y: Tensor, model: Model, norms: Norms) -> float:
    """How much lower an objective can be at most, as a share of that of the best model whose weights are 0.

    ``x`` (n, features); ``y`` (n,): numbers, or classes as int64. ``norms``: the penalty; intercepts have none.
    Without a penalty it proves nothing but that no loss is below 0.
    """
    losses, has_intercept = _Losses(y, len(model.weights)), model.intercepts is not None
    outputs = _predict(x, model)
    slopes = losses.differentiate(losses.shift(outputs) if has_intercept else outputs)
    pull = _transpose(x, slopes) / len(y)
    lowest = -inf
    for share in {1.0, _find_share(pull, norms)}:
        slack = _LARGEST_INTERCEPT * float((share * slopes.mean(0)).abs().sum()) if has_intercept else 0.0
        bound = -float(losses.conjugate(share * slopes)) - _conjugate(share * pull, norms) - slack
        lowest = max(lowest, bound)
    objective = float(losses.measure(outputs)) + norms.measure(model.weights)
    return max(0.0, objective - lowest) / float(losses.measure(_predict_nothing(losses, model, outputs)))


def measure_residual(x: Tensor, y: Tensor, model: Model) -> float:
    """The largest slope of the mean data loss without a penalty, as a share of that at weights 0."""
    losses, outputs = _Losses(y, len(model.weights)), _predict(x, model)
    largest = []
    for each in (outputs, _predict_nothing(losses, model, outputs)):
        slopes = losses.differentiate(each)
        mean = slopes.mean(0).abs().max() if model.intercepts is not None else 0.0
        largest.append(max(float((_transpose(x, slopes) / len(y)).abs().max()), float(mean)))
    return largest[0] / largest[1]


def _predict_nothing(losses: _Losses, model: Model, outputs: Tensor) -> Tensor:
    """Of weights 0, with the best intercepts where there are some."""
    zero = torch.zeros_like(outputs)
    return zero if model.intercepts is None else losses.shift(zero)


class _Losses:
    """The data losses of ``outputs`` (n, K), as a Task's, with their conjugates; all means over the examples."""

    def __init__(self, y: Tensor, outputs: int) -> None:
        self._is_regression = y.is_floating_point()
        self._is_logit = not self._is_regression and outputs == 1
        plain = y[:, None].double()
        self._target = plain if self._is_regression or self._is_logit else functional.one_hot(y, outputs).double()

    def measure(self, outputs: Tensor) -> Tensor:
        if self._is_regression:
            return (outputs - self._target).square().mean() / 2
        if self._is_logit:
            return (functional.softplus(outputs, threshold=40) - self._target * outputs).mean()
        return -(functional.log_softmax(outputs, 1) * self._target).sum(1).mean()

    def differentiate(self, outputs: Tensor) -> Tensor:
        return self._predict(outputs) - self._target

    def conjugate(self, slopes: Tensor) -> Tensor:
        if self._is_regression:
            return (slopes.square() / 2 + slopes * self._target).mean()
        chances = (slopes + self._target).clamp(0, 1)
        entropy = torch.xlogy(chances, chances)
        if self._is_logit:
            entropy = entropy + torch.xlogy(1 - chances, 1 - chances)
        return entropy.sum(1).mean()

    def shift(self, outputs: Tensor) -> Tensor:
        """By the intercepts that are best for these weights, by Newton's method."""
        for _ in range(1 if self._is_regression else _NEWTON_STEPS):
            predicted = self._predict(outputs)
            slope = (predicted - self._target).mean(0)
            if self._is_regression:
                step = slope
            elif self._is_logit:
                step = slope / (predicted * (1 - predicted)).mean(0).clamp(min=torch.finfo(slope.dtype).tiny)
            else:
                hessian = predicted.mean(0).diag() - predicted.T @ predicted / len(predicted)
                step = torch.linalg.pinv(hessian, hermitian=True) @ slope
            outputs = outputs - step
        return outputs

    def _predict(self, outputs: Tensor) -> Tensor:
        if self._is_regression:
            return outputs
        chances: Tensor = outputs.sigmoid() if self._is_logit else outputs.softmax(1)
        return chances


def _find_share(pull: Tensor, norms: Norms) -> float:
    """The largest share up to 1 of ``pull`` (K, features) at which the conjugate of the norms is 0."""

    def is_within(share: float) -> bool:
        return _measure_excess(share * pull, norms) <= 0

    if is_within(1.0):
        return 1.0
    if not norms.group:
        return norms.absolute / float(pull.abs().max())
    if not norms.absolute:
        return norms.group * sqrt(pull.shape[1]) / float(pull.norm(dim=1).max())
    return _bisect(is_within)


def _bisect(is_within: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if is_within(middle) else (low, middle)
    return low


def _measure_excess(pull: Tensor, norms: Norms) -> float:
    return float(_list_excesses(pull, norms).max())


def _list_excesses(pull: Tensor, norms: Norms) -> Tensor:
    """Per row, by how much its soft-thresholded norm exceeds the group's strength."""
    soft = (pull.abs() - norms.absolute).clamp(min=0)
    excess: Tensor = soft.norm(dim=1) - norms.group * sqrt(pull.shape[1])
    return excess


def _conjugate(pull: Tensor, norms: Norms) -> float:
    excess = _list_excesses(pull, norms).clamp(min=0)
    if norms.square:
        return float(excess.square().sum()) / (2 * norms.square)
    # Shrunk by _find_share: what is left is rounding.
    return 0.0 if float(excess.max()) <= 1e-12 * max(1e-300, float(pull.abs().max())) else inf


def _predict(x: Tensor, model: Model) -> Tensor:
    outputs = torch.cat([part.double() @ model.weights.T for part in torch.split(x, _ROWS)])
    return outputs if model.intercepts is None else outputs + model.intercepts


def _transpose(x: Tensor, slopes: Tensor) -> Tensor:
    """slopesᵀ·x, (outputs, features)."""
    parts = zip(torch.split(x, _ROWS), torch.split(slopes, _ROWS), strict=True)
    total = torch.zeros(slopes.shape[1], x.shape[1], dtype=torch.float64, device=x.device)
    for rows, own in parts:
        total += own.T @ rows.double()
    return total
