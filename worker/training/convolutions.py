"""Convolutions without a bias, as batch normalization follows them, of M networks at once."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from worker.training.layers import take_patches
from worker.training.precision import lower, multiply, write_product
from worker.training.stack import Slot


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, sink: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.sink = sink
        return multiply(x, weight.mT)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, None, None]:
        x, weight = ctx.saved_tensors
        write_product(gradient.mT, x, ctx.sink)
        return multiply(gradient, weight) if ctx.needs_input_grad[0] else None, None, None


def convolve(x: Tensor, weight: Slot, stride: int = 1) -> Tensor:
    """3×3, padded by 1: x (M or 1, B, H, W, C) -> (M, B, ⌈H/stride⌉, ⌈W/stride⌉, K).

    ``weight``: (M, K, 9·C), position before channel.
    """
    return _apply(take_patches(lower(x), stride), weight, x, stride)


def project(x: Tensor, weight: Slot, stride: int = 1) -> Tensor:
    """1×1: x (M, B, H, W, C) -> (M, B, ⌈H/stride⌉, ⌈W/stride⌉, K) with ``weight`` (M, K, C)."""
    return _apply(lower(x[:, :, ::stride, ::stride].flatten(1, 3)), weight, x, stride)


def _apply(rows: Tensor, weight: Slot, x: Tensor, stride: int) -> Tensor:
    _, batch, height, width, _ = x.shape
    rows = rows.expand(len(weight.value), -1, -1)
    y = cast(Tensor, _Product.apply(rows, lower(weight.value), weight.gradient))
    return y.view(len(y), batch, -(-height // stride), -(-width // stride), -1)
