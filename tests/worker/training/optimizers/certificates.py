"""Proofs of how far an objective is from its optimum, made from the weights alone: no solver is trusted.

Shapes: ``x`` (n, features), ``y`` (n,), ``weights`` (outputs, features), ``intercepts`` (outputs,). float64, numpy.
One output is a logit of the second of two classes; it is certified as two logits, 0 and z.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, logsumexp, xlogy

Array = NDArray[np.float64]
# Intercepts are not penalized. The bound holds against every model whose intercepts are no larger.
_LARGEST_INTERCEPT = 1e3


def measure_losses(x: Array, y: Array, weights: Array, intercepts: Array) -> float:
    """The mean cross-entropy."""
    return float(-log_softmax(_predict(x, weights, intercepts), axis=1)[np.arange(len(y)), y].mean())


def bound_l1(x: Array, y: Array, weights: Array, intercepts: Array, strength: float) -> float:
    """The duality gap of mean cross-entropy + λ·Σ|w|: no model's objective is lower by more.

    For any u_i with u_i + y_i in the simplex and ‖Σu_ixᵢᵀ‖_∞/n ≤ λ, the objective is at least −Σℓ*(u_i)/n, where
    ℓ*(u) = Σ_k (u_k + y_k)·log(u_k + y_k); what Σu_i/n is away from 0 is counted against the intercepts.
    """
    intercepts = fit_intercepts(x, y, weights, intercepts)
    residuals = _measure_residuals(x, y, weights, intercepts)
    own = residuals[:, -1:] if len(weights) == 1 else residuals
    share = min(1.0, strength / np.abs(own.T @ x / len(y)).max())
    probabilities = share * residuals + np.eye(residuals.shape[1])[y]
    lower = -xlogy(probabilities, probabilities).sum(1).mean()
    slack = _LARGEST_INTERCEPT * np.abs(share * residuals.mean(0)).sum()
    upper = measure_losses(x, y, weights, intercepts) + strength * np.abs(weights).sum()
    return float(upper - lower + slack)


def bound_l2(x: Array, y: Array, weights: Array, intercepts: Array, strength: float) -> float:
    """‖∇‖²/2λ: with its best intercepts, mean cross-entropy + λ/2·Σw² is strongly convex in w."""
    intercepts = fit_intercepts(x, y, weights, intercepts)
    residuals = _measure_residuals(x, y, weights, intercepts)
    own = residuals[:, -1:] if len(weights) == 1 else residuals
    gradient = own.T @ x / len(y) + strength * weights
    return float((gradient**2).sum() / (2 * strength))


def fit_intercepts(x: Array, y: Array, weights: Array, intercepts: Array) -> Array:
    """The best ones for these weights, by Newton's method."""
    for _ in range(20):
        residuals = _measure_residuals(x, y, weights, intercepts)
        probabilities = residuals + np.eye(residuals.shape[1])[y]
        hessian = np.diag(probabilities.mean(0)) - probabilities.T @ probabilities / len(y)
        step = np.linalg.pinv(hessian) @ residuals.mean(0)
        intercepts = intercepts - (step[1:] - step[:1] if len(weights) == 1 else step)
    return intercepts


def _predict(x: Array, weights: Array, intercepts: Array) -> Array:
    outputs = x @ weights.T + intercepts
    return np.column_stack([np.zeros(len(x)), outputs]) if len(weights) == 1 else outputs


def _measure_residuals(x: Array, y: Array, weights: Array, intercepts: Array) -> Array:
    outputs = _predict(x, weights, intercepts)
    probabilities: Array = np.exp(outputs - logsumexp(outputs, axis=1, keepdims=True))
    residuals: Array = probabilities - np.eye(outputs.shape[1])[y]
    return residuals
