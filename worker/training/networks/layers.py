"""Layers of M networks at once. Their parameters' gradients are written in place, into the stack's flat buffer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from worker.training.kernels.precision import lower, multiply, write_product
from worker.training.parameters import ALIGNMENT, Slot


class _Affine(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, sinks: tuple[Tensor, Tensor | None]
    ) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.sinks = sinks
        return multiply(x, weight.mT, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, None, None, None]:
        x, weight = ctx.saved_tensors
        weight_sink, bias_sink = ctx.sinks
        write_product(gradient.mT, x, weight_sink)
        if bias_sink is not None:
            torch.sum(gradient, 1, keepdim=True, dtype=bias_sink.dtype, out=bias_sink)
        return multiply(gradient, weight) if ctx.needs_input_grad[0] else None, None, None, None


class _Scale(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, gain: Tensor, shift: Tensor, sinks: tuple[Tensor, Tensor]) -> Tensor:
        ctx.save_for_backward(x, gain)
        ctx.sinks = sinks
        return torch.addcmul(shift, x, gain)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        x, gain = ctx.saved_tensors
        gain_sink, shift_sink = ctx.sinks
        torch.sum(gradient * x, 1, keepdim=True, out=gain_sink)
        torch.sum(gradient, 1, keepdim=True, out=shift_sink)
        return gradient * gain, None, None, None


class _Patches(torch.autograd.Function):
    """Slices of whole channels instead of ``unfold``: an order of magnitude quicker on a CPU, channels last."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, stride: int) -> Tensor:
        ctx.shape, ctx.stride = x.shape, stride
        runs, batch, height, width, channels = x.shape
        rows, columns = -(-height // stride), -(-width // stride)
        padded = functional.pad(x, (0, 0, 1, 1, 1, 1))
        patches = x.new_empty(runs, batch, rows, columns, 9, channels)
        for k in range(9):
            i, j = divmod(k, 3)
            patches[..., k, :] = padded[:, :, i : i + height : stride, j : j + width : stride]
        return patches.view(runs, batch * rows * columns, 9 * channels)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        runs, batch, height, width, channels = ctx.shape
        rows, columns = -(-height // ctx.stride), -(-width // ctx.stride)
        patches = gradient.view(runs, batch, rows, columns, 9, channels)
        # Nine terms are added up, so never in bfloat16.
        dtype = torch.promote_types(gradient.dtype, torch.float32)
        padded = gradient.new_zeros(runs, batch, height + 2, width + 2, channels, dtype=dtype)
        for k in range(9):
            i, j = divmod(k, 3)
            padded[:, :, i : i + height : ctx.stride, j : j + width : ctx.stride] += patches[..., k, :]
        return padded[:, :, 1:-1, 1:-1], None


def apply_affine(x: Tensor, weight: Slot, bias: Slot | None) -> Tensor:
    """x (M or 1, B, inputs) -> (M, B, outputs), x·Wᵀ + b with W (M, outputs, inputs) and b (M, 1, outputs), or without.

    One product per run: the CPU's batched product computes each run as if alone, which a test holds.
    """
    # Lowered before it is expanded, so that what all runs share stays one copy.
    x = lower(x).expand(len(weight.value), -1, -1)
    if not torch.is_grad_enabled():
        return multiply(x, lower(weight.value).mT, None if bias is None else lower(bias.value))
    if bias is None:
        return _apply(_Affine, x, lower(weight.value), None, (weight.gradient, None))
    return _apply(_Affine, x, lower(weight.value), lower(bias.value), (weight.gradient, bias.gradient))


def apply_normalization(x: Tensor, gain: Slot, shift: Slot) -> Tensor:
    """Layer normalization of x (M, B, units) with gain and shift (M, 1, units), ε = 1e-5 as torch's. Ba et al. 2016.

    In the precision of gain and shift, as autocast has it.
    """
    normal = functional.layer_norm(x.to(gain.value.dtype), x.shape[-1:])
    return _apply(_Scale, normal, gain.value, shift.value, (gain.gradient, shift.gradient))


def take_patches(x: Tensor, stride: int = 1) -> Tensor:
    """3×3 around every ``stride``-th pixel, padded by 1: x (M, B, H, W, C) -> (M, B·⌈H/stride⌉·⌈W/stride⌉, 9·C)."""
    return _apply(_Patches, x, stride)


def activate(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """``function`` of each element, on a buffer whose length is a multiple of ALIGNMENT (see there)."""
    size = x.numel()
    rest = -size % ALIGNMENT
    if rest == 0:
        return function(x)
    return function(functional.pad(x.flatten(), (0, rest)))[:size].view(x.shape)


def pool(x: Tensor) -> Tensor:
    """2×2 maxima of x (M, B, H, W, C), an odd last row or column left out: (M, B, H // 2, W // 2, C)."""
    flat = x.flatten(0, 1).permute(0, 3, 1, 2)
    pooled = functional.max_pool2d(flat, 2).permute(0, 2, 3, 1)
    return pooled.view(*x.shape[:2], *pooled.shape[1:])


def _apply(function: type[torch.autograd.Function], *arguments: Any) -> Tensor:
    return cast(Tensor, function.apply(*arguments))
