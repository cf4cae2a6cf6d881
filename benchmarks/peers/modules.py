"""The networks as torch.nn has them."""

from __future__ import annotations

from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn

from benchmarks.peers.workload import Work, draw_state
from core.spec import CNN, MLP, PlannedRun


class ToChannelsFirst(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 3, 1, 2)


def make_module(work: Work, run: PlannedRun) -> nn.Sequential:
    """The run's network at the engine's own start; dropout where the run has it."""
    drop = [nn.Dropout(run.strength)] if run.regularizer == "dropout" else []
    module = nn.Sequential(*_list_layers(work, drop))
    with torch.no_grad():
        for parameter, start in zip(module.parameters(), draw_state(work, run.seed), strict=True):
            parameter.copy_(start)
    return module


def list_weights(module: nn.Module) -> list[nn.Parameter]:
    """What penalties act on: no biases."""
    return [parameter for name, parameter in module.named_parameters() if name.endswith("weight")]


def _list_layers(work: Work, drop: list[nn.Dropout]) -> list[nn.Module]:
    network, shape, outputs = work.spec.network, work.data.shape, work.data.classes or 1
    if isinstance(network, CNN):
        layers: list[nn.Module] = [ToChannelsFirst()]
        height, width, depth = shape
        for channels in network.channels:
            layers += [nn.Conv2d(depth, channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), *drop]
            height, width, depth = height // 2, width // 2, channels
        hidden = [nn.Flatten(), nn.Linear(height * width * depth, network.hidden), nn.ReLU(), *drop]
        return [*layers, *hidden, nn.Linear(network.hidden, outputs)]
    assert isinstance(network, MLP)
    layers = [nn.Flatten()]
    for inputs, units in pairwise([prod(shape), *network.widths]):
        layers += [nn.Linear(inputs, units), nn.ReLU(), *drop]
    return [*layers, nn.Linear(network.widths[-1], outputs)]
