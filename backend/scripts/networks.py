"""The part of each network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import prod
from typing import Any

from backend.scripts.parts import Definition, code
from core.catalogue import DATASETS, count_outputs
from core.spec import MLP, ExperimentSpec, Linear

_ACTIVATIONS = {"relu": "nn.ReLU()", "tanh": "nn.Tanh()", "gelu": "nn.GELU()", "silu": "nn.SiLU()"}
_START = code(
    """
    # The start: uniform within ±1/√inputs, as torch's own, in float64 so that every precision starts alike.
    start_noise = make_generator(3 * SEED)
    with torch.no_grad():
        for layer in network:
            if isinstance(layer, nn.Linear):
                bound = layer.in_features**-0.5
                for p in layer.parameters():
                    p.copy_(torch.empty(p.shape, dtype=torch.float64).uniform_(-bound, bound, generator=start_noise))
    """
)


def describe_network(spec: ExperimentSpec, dropped: Sequence[str], *, is_drawn: bool) -> list[Definition]:
    """The network, at its start where that is drawn.

    ``dropped``: modules after each hidden layer, or before the one of a linear network.
    """
    layers = NETWORKS[spec.network.name](spec, dropped)
    listed = "".join(f"    {layer},\n" for layer in layers)
    made = Definition("", f"network = nn.Sequential(\n{listed}).to(DTYPE)")
    return [made, Definition("", _START)] if is_drawn else [made]


def _list_linear(spec: ExperimentSpec, dropped: Sequence[str]) -> list[str]:
    assert isinstance(spec.network, Linear)
    inputs, outputs = prod(DATASETS[spec.dataset.name].shape), count_outputs(spec)
    rest = "" if spec.network.intercept else ", bias=False"
    return [*dropped, f"nn.Linear({inputs}, {outputs}{rest})"]


def _list_mlp(spec: ExperimentSpec, dropped: Sequence[str]) -> list[str]:
    assert isinstance(spec.network, MLP)
    network, inputs = spec.network, prod(DATASETS[spec.dataset.name].shape)
    layers = []
    for fan_in, units in pairwise([inputs, *network.widths]):
        layers.append(f"nn.Linear({fan_in}, {units})")
        if network.normalization == "layer":
            layers.append(f"nn.LayerNorm({units})")
        layers += [_ACTIVATIONS[network.activation], *dropped]
    return [*layers, f"nn.Linear({network.widths[-1]}, {count_outputs(spec)})"]


NETWORKS: dict[str, Callable[[Any, Sequence[str]], list[str]]] = {"linear": _list_linear, "mlp": _list_mlp}
