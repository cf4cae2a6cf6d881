"""Gradient clipping, run by run."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from worker.training.regularizers.norms import sum_squares

_EPSILON = 1e-6


def clip_gradients(gradients: Sequence[Tensor], norm: float) -> None:
    """Scale each run's gradient by min(1, norm / (‖g‖₂ + 1e-6)), in place; ‖g‖₂ is over all tensors (M, …) of that run.

    A gradient that is not finite stays so, and no other run's business.
    Source: Pascanu, Mikolov & Bengio 2013, ICML; torch.nn.utils.clip_grad_norm_.
    """
    factors = (norm / (sum_squares(gradients).sqrt() + _EPSILON)).clamp_(max=1.0)
    for gradient in gradients:
        gradient.mul_(factors.view(-1, *[1] * (gradient.dim() - 1)))
