"""Convolutions of M networks at once."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from worker.training.kernels.precision import lower
from worker.training.networks.layers import apply_affine
from worker.training.parameters import Slot


class _ByRun(torch.autograd.Function):
    """torch's own convolution of one run after the other, in its own layout for channels that come last."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, sinks: tuple[Tensor, Tensor | None], stride: int
    ) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.sinks, ctx.options = sinks, _list_options(stride)
        runs, units, _ = weight.shape
        height, width = (-(-side // stride) for side in x.shape[2:4])
        y = x.new_empty(runs, x.shape[1], height, width, units)
        for run, images in enumerate(x.expand(runs, -1, -1, -1, -1)):
            shift = None if bias is None else bias[run, 0]
            result = torch.ops.aten.convolution(_turn(images), _turn_weight(weight[run]), shift, *ctx.options)
            _turn(y[run]).copy_(result)
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, None, None, None, None]:
        x, weight = ctx.saved_tensors
        weight_sink, bias_sink = ctx.sinks
        if bias_sink is not None:
            torch.sum(gradient.flatten(1, 3), 1, keepdim=True, out=bias_sink)
        passed = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        mask = (passed is not None, True, False)
        for run, (own, kernel) in enumerate(zip(gradient.contiguous(), weight, strict=True)):
            arguments = (_turn(own), _turn(x[min(run, len(x) - 1)]), _turn_weight(kernel), None, *ctx.options, mask)
            of_images, of_kernel, _ = torch.ops.aten.convolution_backward(*arguments)
            _turn_weight(weight_sink[run]).copy_(of_kernel)
            if passed is not None:
                _turn(passed[run]).copy_(of_images)
        return passed, None, None, None, None


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


def convolve(x: Tensor, weight: Slot, bias: Slot | None = None, stride: int = 1) -> Tensor:
    """3×3, padded by 1: x (M or 1, B, H, W, C) -> (M, B, ⌈H/stride⌉, ⌈W/stride⌉, K).

    ``weight``: (M, K, 9·C), position before channel; ``bias``: (M, 1, K). On a CPU torch's own convolution is up to
    five times as quick as a product of patches, but where there is one channel, or in bfloat16.
    """
    x = lower(x)
    if x.device.type == "cpu" and x.shape[-1] > 1 and x.dtype != torch.bfloat16:
        value, sink = (None, None) if bias is None else (bias.value, bias.gradient)
        return cast(Tensor, _ByRun.apply(x, weight.value, value, (weight.gradient, sink), stride))
    return _arrange(apply_affine(_take_patches(x, stride), weight, bias), x, stride)


def project(x: Tensor, weight: Slot, stride: int = 1) -> Tensor:
    """1×1: x (M, B, H, W, C) -> (M, B, ⌈H/stride⌉, ⌈W/stride⌉, K) with ``weight`` (M, K, C)."""
    return _arrange(apply_affine(x[:, :, ::stride, ::stride].flatten(1, 3), weight, None), x, stride)


def pool(x: Tensor) -> Tensor:
    """2×2 maxima of x (M, B, H, W, C), an odd last row or column left out: (M, B, H // 2, W // 2, C)."""
    flat = x.flatten(0, 1).permute(0, 3, 1, 2)
    pooled = functional.max_pool2d(flat, 2).permute(0, 2, 3, 1)
    return pooled.view(*x.shape[:2], *pooled.shape[1:])


def _take_patches(x: Tensor, stride: int = 1) -> Tensor:
    """3×3 around every ``stride``-th pixel, padded by 1: x (M, B, H, W, C) -> (M, B·⌈H/stride⌉·⌈W/stride⌉, 9·C)."""
    return cast(Tensor, _Patches.apply(x, stride))


def _arrange(rows: Tensor, x: Tensor, stride: int) -> Tensor:
    _, batch, height, width, _ = x.shape
    return rows.view(len(rows), batch, -(-height // stride), -(-width // stride), -1)


def _turn(images: Tensor) -> Tensor:
    """(B, H, W, C) as torch sees it, (B, C, H, W): the same memory."""
    return images.permute(0, 3, 1, 2)


def _turn_weight(kernel: Tensor) -> Tensor:
    """(K, 9·C) as torch sees it, (K, C, 3, 3): the same memory."""
    return kernel.view(len(kernel), 3, 3, -1).permute(0, 3, 1, 2)


def _list_options(stride: int) -> tuple[Any, ...]:
    """Stride, padding, dilation, whether transposed, output padding, groups."""
    return [stride] * 2, [1, 1], [1, 1], False, [0, 0], 1
