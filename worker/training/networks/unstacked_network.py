"""Networks that cannot be stacked: a torch module, whose tensors are those of a stack of one run."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.func import functional_call
from torch.nn import functional

from core.catalogue.torchvision_models import TORCHVISION_MODELS
from worker.training.networks.base import Network, Slots
from worker.training.networks.torchvision_model import build_model, build_on_meta, find_head, list_batch_norms
from worker.training.parameters import Slot, TensorSpec
from worker.training.rng import Purpose, make_generator
from worker.training.step.forward_context import EVALUATION, ForwardContext

_CHANNELS = 3


class _LendTensor(torch.autograd.Function):
    """A tensor of the stack in the shape that its module knows; its gradient goes where the stack keeps it."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, sink: Tensor, shape: torch.Size) -> Tensor:
        ctx.sink = sink
        return value.view(shape)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, None, None]:
        ctx.sink.copy_(gradient.reshape(ctx.sink.shape))
        return None, None, None


class TorchvisionNetwork(Network):
    """One of torchvision's classification networks, one run at a time.

    Weights are its tensors of that name with two dimensions or more, each as (units, fan-in); all others, such as
    embeddings and the scales of normalization, count as biases. Dropout acts on the inputs of the last affine map.
    Images with one channel are repeated to three; those smaller than the network takes are enlarged, bilinearly.
    Where a training batch has one value per channel, as a last batch of one example may, batch normalization is that of
    ``batch_normalization.normalize``.
    """

    largest_stack = 1

    def __init__(self, name: str, shape: tuple[int, int, int], outputs: int) -> None:
        self._name, self._outputs, self._entry = name, outputs, TORCHVISION_MODELS[name]
        meta_module = build_on_meta(name, outputs)
        self._shapes = {key: tensor.shape for key, tensor in meta_module.named_parameters()}
        self._specs = {key: _describe(key, tensor_shape) for key, tensor_shape in self._shapes.items()}
        self.tensors = list(self._specs.values())
        self._kept = {
            f"{layer}.{part}": TensorSpec(layer, kept, (1, norm.num_features), constant=start)
            for layer, norm in list_batch_norms(meta_module).items()
            for part, kept, start in (("running_mean", "mean", 0.0), ("running_var", "variance", 1.0))
        }
        self.statistics = list(self._kept.values())
        self.activations = _count_activations(meta_module.eval(), self._fit(torch.empty(1, *shape, device="meta")))
        self._context = EVALUATION
        self._module: nn.Module | None = None
        self._place: tuple[torch.device, torch.dtype] | None = None

    def draw(self, seed: int) -> list[Tensor]:
        """torchvision's own start, from the seed; torch's global generator stays where it is."""
        return [
            parameter.detach().view(spec.shape)
            for parameter, spec in zip(self._build(seed).parameters(), self.tensors, strict=True)
        ]

    def forward(self, x: Tensor, slots: Slots, context: ForwardContext = EVALUATION) -> Tensor:
        module, self._context = self._prepare(x), context
        tensors = {key: _lend(slots[spec.name], self._shapes[key]) for key, spec in self._specs.items()}
        for key, spec in self._kept.items():
            kept = slots[spec.name].value.view(-1)
            tensors[key] = kept if context.keeps_statistics else kept.clone()
        return cast(Tensor, functional_call(module, tensors, (self._fit(x[0]),)))[None]

    def _prepare(self, x: Tensor) -> nn.Module:
        """The module that the stack's tensors are lent to, where x lies and in its precision."""
        if self._module is None or self._place != (x.device, x.dtype):
            self._module, self._place = self._build(0), (x.device, x.dtype)
            for norm in list_batch_norms(self._module).values():
                norm.register_forward_pre_hook(self._choose_statistics)
            find_head(self._module).register_forward_pre_hook(self._drop)
            for parameter in self._module.parameters():
                # The stack's tensors take its place.
                parameter.data = torch.empty(0)
            self._module.to(x)
        return self._module

    def _build(self, seed: int) -> nn.Module:
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(make_generator(seed, Purpose.START).initial_seed())
            return build_model(self._name, self._outputs)

    def _fit(self, images: Tensor) -> Tensor:
        """Images (B, H, W, C) as the network takes them, (B, 3, H', W')."""
        images = images.permute(0, 3, 1, 2)
        if images.shape[1] == 1:
            images = images.expand(-1, _CHANNELS, -1, -1)
        side = self._entry.smallest
        if min(images.shape[2:]) < side or not self._entry.larger:
            images = functional.interpolate(images, (side, side), mode="bilinear", align_corners=False)
        return images

    def _choose_statistics(self, norm: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor | None:
        x, mean = inputs[0], cast(Tensor, norm.running_mean)
        single = x.numel() == x.shape[1]
        norm.train(self._context.is_training and not single)
        if self._context.is_training and single:
            # At the running mean evaluation gives the shift; times 0, so that every gradient is written.
            return x * 0 + mean.view(-1, *[1] * (x.dim() - 2))
        return None

    def _drop(self, head: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor:
        return self._context.drop(inputs[0][None])[0]


def _lend(slot: Slot, shape: torch.Size) -> Tensor:
    return cast(Tensor, _LendTensor.apply(slot.value, slot.gradient, shape))


def _describe(key: str, shape: torch.Size) -> TensorSpec:
    """A tensor of the module, two-dimensional: a weight's rows are its units."""
    layer, _, part = key.rpartition(".")
    if len(shape) > 1 and part.endswith("weight"):
        own = "" if part == "weight" else "." + part.removesuffix("_weight")
        return TensorSpec(layer + own, "weight", (shape[0], shape[1:].numel()))
    return TensorSpec(layer, "gain" if part == "weight" else part, (1, shape.numel()))


@torch.no_grad()
def _count_activations(meta_module: nn.Module, images: Tensor) -> int:
    """Numbers that one example's pass makes."""
    made: list[int] = []
    for layer in meta_module.modules():
        if not list(layer.children()):
            layer.register_forward_hook(lambda _, __, output: made.append(output.numel()))
    meta_module(images)
    return sum(made)
