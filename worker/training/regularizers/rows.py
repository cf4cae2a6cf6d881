"""Norms of rows, a row being what comes into a unit, and the proximal map of such a norm."""

from __future__ import annotations

import torch
from torch import Tensor

# Enough in float64: in a search for the worst rows, with η over 16 orders of magnitude, none took more than 15.
_STEPS = 20


def measure_rows(weight: Tensor) -> Tensor:
    """‖w_j‖₂ of each row of tensors (R, rows, columns), as (R, rows, 1)."""
    return torch.linalg.vector_norm(weight, dim=2, keepdim=True)


def shrink_rows(weight: Tensor, size: Tensor) -> None:
    """argmin_w ½Σ(w_i − v_i)²/η_i + λ‖w‖₂ for each row v of ``weight`` (R, rows, columns), in place.

    ``size``: t = λη ≥ 0, one for all of a run (R, 1, 1) or one per weight (R, rows, columns). Exact at t = 0. A row
    becomes exactly 0 where ‖v/t‖₂ ≤ 1. Each row is computed by itself.
    """
    if size.shape[1:] == (1, 1):
        norm = measure_rows(weight).clamp_(min=_tiny(weight))
        weight.mul_(torch.sub(1, size / norm).clamp_(min=0))
        return
    norm, vanishes = _find_norms(weight, size)
    weight.div_((size / norm.clamp(min=_tiny(weight))).add_(1))
    weight.masked_fill_(vanishes, 0)


def _find_norms(weight: Tensor, size: Tensor) -> tuple[Tensor, Tensor]:
    """The results' norms s (R, rows, 1), and which of the results are 0.

    Where the result is not 0 its slope is: w_i − v_i + t_i·w_i/s = 0, so w_i = v_i·s/(s + t_i), and s solves
    f(s) = Σ v_i²/(s + t_i)² = 1. f falls from f(0) = ‖v/t‖², so there is such an s > 0 where that is above 1, and else
    the result is 0. 1/√f is concave in s (as in Moré & Sorensen 1983): Newton's method on it climbs from a lower bound.
    """
    magnitude, largest = weight.abs(), size.amax(2, keepdim=True)
    # Both are bounds, as f(s) ≥ ‖v‖²/(s + max t)² and f(s) ≥ v_i²/(s + t_i)². From the second on no term is above 1.
    norm = torch.maximum(measure_rows(weight) - largest, (magnitude - size).amax(2, keepdim=True)).clamp_(min=0)
    vanishes = (norm == 0) & (_advance(norm, magnitude, size)[1] <= 1) & (largest > 0)
    for _ in range(_STEPS):
        ahead = _advance(norm, magnitude, size)[0]
        # A row whose step is lost in rounding takes no further one, so that it does not matter how many others take.
        moves = ahead > 4 * torch.finfo(norm.dtype).eps * norm
        if not norm.is_cuda and not moves.any():
            break
        norm = torch.where(moves, norm + ahead, norm)
    return norm, vanishes


def _advance(norm: Tensor, magnitude: Tensor, size: Tensor) -> tuple[Tensor, Tensor]:
    """Newton's step from s = ``norm`` on 1/√f(s) = 1, and f(s); (R, rows, 1)."""
    reach = (size + norm).clamp_(min=_tiny(norm))
    square = (magnitude / reach).square_()
    total = square.sum(2, keepdim=True)
    slope = square.div_(reach).sum(2, keepdim=True)
    return total * (total.sqrt() - 1) / slope, total


def _tiny(tensor: Tensor) -> float:
    return torch.finfo(tensor.dtype).tiny
