"""The residual network in plain PyTorch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.spec import ResNet

Skip = Callable[[Tensor, int, int], Tensor]


def forward_residual(
    network: ResNet, p: dict[str, Tensor], x: Tensor, drop: Callable[[Tensor], Tensor], skip: Skip, training: bool
) -> Tensor:
    """x (B, H, W, C) -> (B, outputs), by torch's own functions; ``p`` holds the running statistics too."""

    def convolve(x: Tensor, name: str, stride: int, side: int = 3) -> Tensor:
        weight = p[f"{name}.weight"].view(-1, side, side, x.shape[1]).permute(0, 3, 1, 2)
        x = functional.conv2d(x, weight, None, stride, side // 2)
        mean, variance, gain, shift = (p[f"{name}.{part}"][0] for part in ("mean", "variance", "gain", "shift"))
        return functional.batch_norm(x, mean, variance, gain, shift, training)

    x = torch.relu(convolve(x.permute(0, 3, 1, 2), "stem", 1))
    blocks = [(stage, block) for stage in range(len(network.channels)) for block in range(network.blocks)]
    for number, (stage, block) in enumerate(blocks, start=1):
        name, stride = f"stage{stage + 1}.block{block + 1}", 2 if stage and not block else 1
        branch = convolve(torch.relu(convolve(x, f"{name}.conv1", stride)), f"{name}.conv2", 1)
        if f"{name}.shortcut.weight" in p:
            x = convolve(x, f"{name}.shortcut", stride, 1)
        x = torch.relu(x + skip(branch, number, len(blocks)))
    return functional.linear(drop(x.mean((2, 3))), p["output.weight"], p["output.bias"][0])


class PlainBlock(nn.Module):
    """He et al.'s basic block."""

    def __init__(self, inputs: int, units: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(inputs, units, 3, stride, 1, bias=False), nn.BatchNorm2d(units)
        self.conv2, self.norm2 = nn.Conv2d(units, units, 3, 1, 1, bias=False), nn.BatchNorm2d(units)
        self.shortcut = nn.Sequential()
        if stride > 1 or inputs != units:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, units, 1, stride, bias=False), nn.BatchNorm2d(units))

    def forward(self, x: Tensor) -> Tensor:
        branch = self.norm2(self.conv2(torch.relu(self.norm1(self.conv1(x)))))
        return torch.relu(branch + self.shortcut(x))


class PlainResidual(nn.Sequential):
    """As a textbook writes it: modules in the order of the engine's tensors. Images are (C, H, W)."""

    def __init__(self, depth: int, network: ResNet, outputs: int) -> None:
        first = network.channels[0]
        layers = [nn.Conv2d(depth, first, 3, padding=1, bias=False), nn.BatchNorm2d(first), nn.ReLU()]
        inputs = first
        for stage, units in enumerate(network.channels):
            for block in range(network.blocks):
                layers.append(PlainBlock(inputs, units, 2 if stage and not block else 1))
                inputs = units
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, outputs))
