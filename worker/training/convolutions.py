"""Convolutions without a bias, as batch normalization follows them, of M networks at once."""

from __future__ import annotations

from torch import Tensor

from worker.training.layers import apply_affine, take_patches
from worker.training.precision import lower
from worker.training.stack import Slot


def convolve(x: Tensor, weight: Slot, stride: int = 1) -> Tensor:
    """3×3, padded by 1: x (M or 1, B, H, W, C) -> (M, B, ⌈H/stride⌉, ⌈W/stride⌉, K).

    ``weight``: (M, K, 9·C), position before channel.
    """
    return _arrange(apply_affine(take_patches(lower(x), stride), weight, None), x, stride)


def project(x: Tensor, weight: Slot, stride: int = 1) -> Tensor:
    """1×1: x (M, B, H, W, C) -> (M, B, ⌈H/stride⌉, ⌈W/stride⌉, K) with ``weight`` (M, K, C)."""
    return _arrange(apply_affine(x[:, :, ::stride, ::stride].flatten(1, 3), weight, None), x, stride)


def _arrange(rows: Tensor, x: Tensor, stride: int) -> Tensor:
    _, batch, height, width, _ = x.shape
    return rows.view(len(rows), batch, -(-height // stride), -(-width // stride), -1)
