"""The curvature of a linear model's data loss, from its features."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.spec import FISTA, ExperimentSpec, Linear
from worker.training.data import Dataset
from worker.training.step.losses import Task

# Rows whose products are summed in float64 at once, so that a large data set needs no copy in float64.
_ROWS = 4096
# A column that varies by less than its rounding is constant.
_ROUNDING = 1e-20


@dataclass(frozen=True)
class Curvature:
    """The mean data loss of an output z = w·(x − center) + b has a Hessian of at most ``largest`` · diag(scale).

    ``center`` and ``scale``: (features,), float64 on the CPU; ``intercept``: the scale of b.
    """

    center: Tensor
    scale: Tensor
    intercept: float
    largest: float


def find_curvature(spec: ExperimentSpec, data: Dataset, task: Task) -> Curvature | None:
    """Of the training examples, for the optimizer that asks for it; None for the others."""
    if not isinstance(spec.optimizer, FISTA) or not isinstance(spec.network, Linear):
        return None
    has_intercept = spec.network.intercept
    return measure_curvature(
        data.train.x,
        task.curvature,
        has_intercept=has_intercept,
        is_centered=has_intercept and not spec.penalize_biases,
    )


def measure_curvature(x: Tensor, steepest: float, *, has_intercept: bool, is_centered: bool) -> Curvature:
    """``x`` (n, *shape); ``steepest``: the largest second derivative of a loss in its output (``Task.curvature``).

    H ≤ steepest·Σ x̃x̃ᵀ/n, x̃ the features with a 1 beside them where there is an intercept. Each is scaled by its root
    mean square, so that the largest eigenvalue does not depend on the units of the features. ``is_centered``: about
    the means, which changes nothing but the intercept, and takes away the largest eigenvalue of data that are not
    centered. It needs an intercept.
    """
    rows = x.flatten(1)
    center = _find_center(rows, is_centered)
    total = torch.zeros(rows.shape[1] + has_intercept, rows.shape[1] + has_intercept, dtype=torch.float64).to(x.device)
    for part in torch.split(rows, _ROWS):
        own = part.double() - center
        if has_intercept:
            own = torch.cat([own, own.new_ones(len(own), 1)], 1)
        total.addmm_(own.T, own)
    total = (total / len(rows)).cpu()
    scale = _find_scale(total.diagonal()[: rows.shape[1]], center.cpu())
    if not has_intercept:
        return Curvature(center.cpu(), scale, 1.0, steepest * _find_largest(total, scale))
    if not is_centered:
        return Curvature(center.cpu(), scale, 1.0, steepest * _find_largest(total, torch.cat([scale, torch.ones(1)])))
    # The intercept is apart from the centered features: its own scale gives both the same curvature.
    largest = _find_largest(total[:-1, :-1], scale)
    return Curvature(center.cpu(), scale, 1 / largest, steepest * largest)


def measure_columns(x: Tensor, *, is_centered: bool) -> tuple[Tensor, Tensor]:
    """Center and scale of the features of ``x`` (n, *shape), as of a Curvature, without its products."""
    rows = x.flatten(1)
    center = _find_center(rows, is_centered)
    squares = torch.zeros_like(center)
    for part in torch.split(rows, _ROWS):
        squares += (part.double() - center).square().sum(0)
    return center.cpu(), _find_scale((squares / len(rows)).cpu(), center.cpu())


def _find_center(rows: Tensor, is_centered: bool) -> Tensor:
    return _average(rows) if is_centered else torch.zeros(rows.shape[1], dtype=torch.float64, device=rows.device)


def _average(rows: Tensor) -> Tensor:
    total = torch.zeros(rows.shape[1], dtype=torch.float64, device=rows.device)
    for part in torch.split(rows, _ROWS):
        total += part.double().sum(0)
    return total / len(rows)


def _find_scale(squares: Tensor, center: Tensor) -> Tensor:
    """Mean squares, and 1 for a constant column, whose weight has nothing to do."""
    return torch.where(squares > _ROUNDING * center.square().clamp(min=1e-200), squares, torch.ones_like(squares))


def _find_largest(total: Tensor, scale: Tensor) -> float:
    """The largest eigenvalue of the scaled matrix; at least 1, as where every column is constant."""
    root = scale.rsqrt()
    return max(1.0, float(torch.linalg.eigvalsh(root[:, None] * total * root)[-1]))
