"""How far an epoch moved the parameters of each run."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def measure_shift(before: Sequence[Tensor], after: Sequence[Tensor]) -> Tensor:
    """max|after − before| / max|after| of each run (M,), float64, over its tensors (M, rows, columns).

    0 where nothing moved, also of a run whose parameters are all 0; NaN where one is not finite.
    """
    moved = _find_largest([new - old for new, old in zip(after, before, strict=True)])
    return torch.where(moved == 0, moved, moved / _find_largest(after))


def _find_largest(tensors: Sequence[Tensor]) -> Tensor:
    return torch.stack([tensor.abs().flatten(1).amax(1) for tensor in tensors]).amax(0).double()
