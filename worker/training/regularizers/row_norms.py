"""Norms of rows (a unit's incoming weights), and the proximal map of such a norm."""

from __future__ import annotations

import torch
from torch import Tensor

# Enough in float64: in a search for the worst rows, with η over 16 orders of magnitude, none took more than 16.
_STEPS = 20
# On a GPU, which is not asked when to stop: enough for 11 orders of magnitude in float32. Fewer shrink a row too much.
_STEPS_UNASKED = 12
# Of sums over a row, in units of the last place.
_ROUNDING = 16
# Elements at once on a CPU, so that all passes over them stay in its cache.
_PIECE = 1 << 16


def measure_rows(weight: Tensor) -> Tensor:
    """‖w_j‖₂ of each row of tensors (R, rows, columns), as (R, rows, 1)."""
    norms: Tensor = torch.linalg.vector_norm(weight, dim=2, keepdim=True)
    return norms


def shrink_rows(weight: Tensor, size: Tensor) -> None:
    """argmin_w ½Σ(w_i − v_i)²/η_i + λ‖w‖₂ for each row v of ``weight`` (R, rows, columns), in place.

    ``size``: t = λη ≥ 0, one for all of a run (R, 1, 1) or one per weight (R, rows, columns). Exact at t = 0. A row
    becomes exactly 0 where ‖v/t‖₂ ≤ 1. Each row is computed by itself.
    """
    if size.shape[1:] == (1, 1):
        norm = measure_rows(weight).clamp_(min=_tiny(weight))
        weight.mul_(torch.sub(1, size / norm).clamp_(min=0))
        return
    rows = weight.shape[0] * weight.shape[1] if weight.is_cuda else max(1, _PIECE // weight.shape[2])
    columns = weight.shape[2]
    sizes = size.expand_as(weight).reshape(-1, columns)
    for piece, own in zip(torch.split(weight.view(-1, columns), rows), torch.split(sizes, rows), strict=True):
        _shrink(piece, own)


def _shrink(weight: Tensor, size: Tensor) -> None:
    """Of rows (N, columns), with t one per weight.

    Where the result is not 0 its slope is: w_i − v_i + t_i·w_i/s = 0 with s = ‖w‖₂, so w_i = v_i/(1 + t_i/s), and s
    solves f(s) = Σ v_i²/(s + t_i)² = 1. f falls from f(0) = ‖v/t‖₂², so there is such an s > 0 where that is above 1,
    and else the result is 0. 1/√f is concave in s (as in Moré & Sorensen 1983): Newton's method on it climbs from a
    lower bound and never passes s.
    """
    norm, acts = _bound(weight, size), size[:, :1] > 0
    reach, square = torch.empty_like(weight), torch.empty_like(weight)
    for _ in range(_STEPS_UNASKED if weight.is_cuda and weight.dtype == torch.float32 else _STEPS):
        ahead = _find_step(norm, weight, size, reach, square)
        # A row whose step is lost in rounding takes no further one, so that it does not matter how many others take.
        moves = ahead > 2 * _ROUNDING * torch.finfo(norm.dtype).eps * norm
        if not _any(moves):
            break
        norm = torch.where(moves, norm + ahead, norm)
    weight.div_(torch.div(size, torch.where(acts, norm, 1), out=reach).add_(1))
    vanishes = acts & (norm <= _tiny(norm))
    if _any(vanishes):
        weight.masked_fill_(vanishes, 0)


def _bound(weight: Tensor, size: Tensor) -> Tensor:
    """A lower bound of s (N, 1), or the least number above 0 where that is none: a row that stays there is 0.

    ‖v‖ − t̄ with t̄ the mean of t weighted by v², as 1/(s + t)² is convex in t. Where that leaves little, |v_i| − t_i of
    any one i is a bound too, from which on no term of f is above 1.
    """
    square = weight.square()
    total = square.sum(1, keepdim=True)
    mean = square.mul_(size).sum(1, keepdim=True).div_(total.clamp(min=_tiny(total)))
    length = total.sqrt_()
    norm = length * (1 - _ROUNDING * torch.finfo(length.dtype).eps) - mean
    weak = norm < length / 2
    if _any(weak):
        single = torch.sub(weight.abs(), size, out=square).amax(1, keepdim=True)
        norm = torch.where(weak, torch.maximum(norm, single), norm)
    return norm.clamp_(min=_tiny(norm))


def _find_step(norm: Tensor, weight: Tensor, size: Tensor, reach: Tensor, square: Tensor) -> Tensor:
    """Newton's step from s = ``norm`` on 1/√f(s) = 1, (N, 1). ``reach`` and ``square`` are to work in."""
    torch.add(size, norm, out=reach)
    total = torch.div(weight, reach, out=square).square_().sum(1, keepdim=True)
    slope = square.div_(reach).sum(1, keepdim=True)
    return total * (total.sqrt() - 1) / slope


def _any(rows: Tensor) -> bool:
    """Whether there is one; on a GPU always yes, rather than to wait for the answer."""
    return rows.is_cuda or bool(rows.any())


def _tiny(tensor: Tensor) -> float:
    return torch.finfo(tensor.dtype).tiny
