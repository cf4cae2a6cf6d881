"""The data loss's gradient of a linear model at w = 0, from which follow the largest useful strengths."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def compute_slope(x: Tensor, y: Tensor, outputs: int, intercept: bool = True) -> Tensor:
    """The gradient of the mean data loss at w = 0, (outputs, features): Xᵀ(prediction − target)/n, transposed.

    ``x``: (n, *features). ``y``: (n,), numbers (½·squared error, one output) or classes as int64 (cross-entropy, an
    output per class; one output for two classes is the logit of class 1). With an unpenalized ``intercept`` the best
    prediction is the mean target: ȳ, or each class's share; without, it is 0, or equal chances.
    Source: Friedman, Hastie & Tibshirani 2010, J. Stat. Softw. 33(1), 2.5.
    """
    if y.is_floating_point() or outputs == 1:
        target = y[:, None].to(x.dtype)
        chance = 0.0 if y.is_floating_point() else 0.5
    else:
        target = functional.one_hot(y, outputs).to(x.dtype)
        chance = 1 / outputs
    prediction = target.mean(0) if intercept else torch.full_like(target[0], chance)
    return (prediction - target).T @ x.flatten(1) / len(x)
