"""Layers of M networks at once. Their parameters' gradients are written in place, into the stack's flat buffer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from worker.training.kernels.precision import lower, multiply, write_product
from worker.training.parameters import ALIGNMENT, Slot, TensorSpec

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    # In place: the affine map before it does not need its output again.
    "relu": lambda x: functional.relu(x, inplace=True),
    "tanh": lambda x: x.tanh(),
    "gelu": functional.gelu,
    "silu": functional.silu,
}


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


def apply_affine(x: Tensor, weight: Slot, bias: Slot | None) -> Tensor:
    """x (M or 1, B, inputs) -> (M, B, outputs), x·Wᵀ + b with W (M, outputs, inputs) and b (M, 1, outputs), or without.

    One product per run: the CPU's batched product computes each run as if alone, which a test holds.
    """
    # Lowered before it is expanded, so that an input that all runs share stays one copy.
    x = lower(x).expand(len(weight.value), -1, -1)
    if not torch.is_grad_enabled():
        return multiply(x, lower(weight.value).mT, None if bias is None else lower(bias.value))
    if bias is None:
        return _apply(_Affine, x, lower(weight.value), None, (weight.gradient, None))
    return _apply(_Affine, x, lower(weight.value), lower(bias.value), (weight.gradient, bias.gradient))


def apply_affine_layer(x: Tensor, layer: str, slots: Mapping[str, Slot]) -> Tensor:
    """The affine map of this name, with its bias where it has one."""
    return apply_affine(x, slots[f"{layer}.weight"], slots.get(f"{layer}.bias"))


def describe_affine(layer: str, fan_in: int, units: int) -> list[TensorSpec]:
    """Weight and bias of the affine map ``layer``."""
    return [
        TensorSpec(layer, "weight", (units, fan_in), fan_in),
        TensorSpec(layer, "bias", (1, units), fan_in),
    ]


def apply_normalization(x: Tensor, gain: Slot, shift: Slot) -> Tensor:
    """Layer normalization of x (M, B, units) with gain and shift (M, 1, units), ε = 1e-5 as torch's. Ba et al. 2016.

    In the precision of gain and shift, as autocast has it.
    """
    normal = functional.layer_norm(x.to(gain.value.dtype), x.shape[-1:])
    return _apply(_Scale, normal, gain.value, shift.value, (gain.gradient, shift.gradient))


def activate(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """``function`` of each element, on a buffer whose length is a multiple of ALIGNMENT (see there)."""
    size = x.numel()
    rest = -size % ALIGNMENT
    if rest == 0:
        return function(x)
    return function(functional.pad(x.flatten(), (0, rest)))[:size].view(x.shape)


def _apply(function: type[torch.autograd.Function], *arguments: Any) -> Tensor:
    return cast(Tensor, function.apply(*arguments))
