"""Residual networks of M runs at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional

from worker.training.networks.base import Network, Slots
from worker.training.networks.batch_normalization import describe_normalization, normalize
from worker.training.networks.convolutions import convolve, project
from worker.training.networks.layers import apply_affine_layer, describe_affine
from worker.training.parameters import TensorSpec
from worker.training.step.forward_context import EVALUATION, ForwardContext


@dataclass(frozen=True)
class _Block:
    name: str
    stride: int
    reshapes: bool


class ResidualNetwork(Network):
    """A 3×3 stem, stages of basic blocks, the mean of each channel, and an output layer. Images are (H, W, C).

    A block is conv, normalization, ReLU, conv, normalization; its input is added before the last ReLU, by a 1×1
    projection where the shape changes (option B). Each stage after the first halves the image. Dropout acts on the
    channels' means. Source: He et al. 2016, arXiv 1512.03385.
    """

    def __init__(self, shape: tuple[int, int, int], channels: Sequence[int], blocks: int, outputs: int) -> None:
        self.tensors: list[TensorSpec] = []
        self.statistics: list[TensorSpec] = []
        self._blocks: list[_Block] = []
        self._height, self._width, depth = shape
        self.activations = channels[-1] + outputs
        self._add("stem", 9 * depth, channels[0])
        depth = channels[0]
        for stage, units in enumerate(channels, start=1):
            for number in range(1, blocks + 1):
                stride = 2 if stage > 1 and number == 1 else 1
                block = _Block(f"stage{stage}.block{number}", stride, stride > 1 or depth != units)
                self._add_block(block, depth, units)
                depth = units
        self.tensors += describe_affine("output", depth, outputs)

    def forward(self, x: Tensor, slots: Slots, context: ForwardContext = EVALUATION) -> Tensor:
        x = functional.relu(normalize(convolve(x, slots["stem.weight"]), "stem", slots, context))
        for number, block in enumerate(self._blocks, start=1):
            branch = self._apply_branch(x, block, slots, context)
            branch = context.skip(branch, number, len(self._blocks))
            if block.reshapes:
                name = f"{block.name}.shortcut"
                x = normalize(project(x, slots[f"{name}.weight"], block.stride), name, slots, context)
            x = (x + branch).relu_()
        means = context.drop(x.flatten(2, 3).mean(2))
        return apply_affine_layer(means, "output", slots)

    def _apply_branch(self, x: Tensor, block: _Block, slots: Slots, context: ForwardContext) -> Tensor:
        first, second = f"{block.name}.conv1", f"{block.name}.conv2"
        x = functional.relu(
            normalize(convolve(x, slots[f"{first}.weight"], stride=block.stride), first, slots, context)
        )
        return normalize(convolve(x, slots[f"{second}.weight"]), second, slots, context)

    def _add_block(self, block: _Block, depth: int, units: int) -> None:
        self._blocks.append(block)
        self._height, self._width = -(-self._height // block.stride), -(-self._width // block.stride)
        self._add(f"{block.name}.conv1", 9 * depth, units)
        self._add(f"{block.name}.conv2", 9 * units, units)
        if block.reshapes:
            self._add(f"{block.name}.shortcut", depth, units)

    def _add(self, layer: str, fan_in: int, units: int) -> None:
        """A convolution and its normalization."""
        trained, kept = describe_normalization(layer, units)
        self.tensors += [TensorSpec(layer, "weight", (units, fan_in), fan_in), *trained]
        self.statistics += kept
        self.activations += self._height * self._width * (fan_in + 3 * units)
