"""Batch normalization of M networks at once, each by its own batch and its own running statistics."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from worker.training.networks.base import Slots
from worker.training.parameters import TensorSpec
from worker.training.step.forward_context import ForwardContext

MOMENTUM = 0.1
EPSILON = 1e-5


class _Normalize(torch.autograd.Function):
    """``centred``: x without its mean, which is overwritten. ``batch``: whether mean and variance are those of x, which
    the gradient then passes through as well.

    Each product and sum is an operation of its own: fused ones round the last elements of a buffer otherwise than the
    others (see parameters.ALIGNMENT).
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        gain: Tensor,
        shift: Tensor,
        sinks: tuple[Tensor, Tensor],
        centred: Tensor,
        variance: Tensor,
        batch: bool,
    ) -> Tensor:
        scale = _find_scale(variance)
        normal = centred.mul_(scale)
        ctx.save_for_backward(normal, gain, scale)
        ctx.sinks, ctx.batch = sinks, batch
        return (normal * gain).add_(shift)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None, None, None, None]:
        normal, gain, scale = ctx.saved_tensors
        gain_sink, shift_sink = ctx.sinks
        torch.sum(gradient * normal, 1, keepdim=True, out=gain_sink)
        torch.sum(gradient, 1, keepdim=True, out=shift_sink)
        if ctx.batch:
            examples = gradient.shape[1]
            pull = (normal * (gain_sink / examples)).add_(shift_sink / examples)
            gradient = torch.sub(gradient, pull, out=pull)
        return gradient * (gain * scale), None, None, None, None, None, None


def describe_normalization(layer: str, units: int) -> tuple[list[TensorSpec], list[TensorSpec]]:
    """Its parameters and its statistics."""
    trained = [TensorSpec(layer, "gain", (1, units), constant=1.0), TensorSpec(layer, "shift", (1, units))]
    return trained, [TensorSpec(layer, "mean", (1, units)), TensorSpec(layer, "variance", (1, units), constant=1.0)]


def normalize(x: Tensor, layer: str, slots: Slots, context: ForwardContext) -> Tensor:
    """x (M, B, H, W, C), each run and channel by mean and variance over (B, H, W). Ioffe & Szegedy 2015.

    As torch's: momentum 0.1, ε 1e-5, the running variance unbiased; evaluation uses the running statistics. A training
    batch that has one value per channel, which torch refuses, has the variance 0: the output is the shift, the
    gradient is 0, and the running statistics do not change.
    """
    gain, shift, mean, variance = (slots[f"{layer}.{part}"] for part in ("gain", "shift", "mean", "variance"))
    flat = x.flatten(1, 3).to(gain.value.dtype)
    if context.is_training:
        keeps = context.keeps_statistics and flat.shape[1] > 1
        centred, own = _center(flat.detach(), mean.value, variance.value, keeps)
    else:
        centred, own = flat.detach() - mean.value, variance.value
    if not torch.is_grad_enabled():
        return centred.mul_(gain.value * _find_scale(own)).add_(shift.value).view(x.shape)
    sinks = (gain.gradient, shift.gradient)
    y = _Normalize.apply(flat, gain.value, shift.value, sinks, centred, own, context.is_training)
    return cast(Tensor, y).view(x.shape)


def _center(x: Tensor, mean: Tensor, variance: Tensor, keeps: bool) -> tuple[Tensor, Tensor]:
    """x (M, N, C) without its mean, and its variance (M, 1, C), biased; the running ones are moved if ``keeps``."""
    own = x.mean(1, keepdim=True)
    centred = x - own
    spread = centred.square().mean(1, keepdim=True)
    if keeps:
        unbiased = spread * (x.shape[1] / (x.shape[1] - 1))
        for running, new in ((mean, own), (variance, unbiased)):
            running.mul_(1 - MOMENTUM).add_(new * MOMENTUM)
    return centred, spread


def _find_scale(variance: Tensor) -> Tensor:
    return 1 / (variance + EPSILON).sqrt()
