"""What an epoch measures of each layer: norm, zeros, dead units."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from core.catalogue.epoch_values import LAYER_PARTS
from tests.worker.training.sweeps import collect, get_epochs, get_stack, make_spec, make_sweep, regularize
from worker.training.networks.convolutions import convolve, pool
from worker.training.stack import evaluation

MLP = {"name": "mlp", "widths": [9, 7]}
CNN = {"name": "cnn", "channels": [3, 5], "hidden": 11}


def kill_units(stack_weights: dict[str, Tensor], layer: str, units: list[int]) -> None:
    """Of the last run: whatever comes in, they give 0."""
    with torch.no_grad():
        stack_weights[f"{layer}.weight"][-1, units] = 0
        stack_weights[f"{layer}.bias"][-1, 0, units] = -1


def test_norm_and_zeros_are_of_the_layers_own_weights() -> None:
    spec = make_spec(network=MLP, regularizers=regularize("l1", strengths=(0.05,)), epochs=2)
    sweep = make_sweep(spec)
    layers = sweep.train_epoch(1).layers
    for run, tensors in enumerate(sweep.read_parameters()):
        for place, layer in enumerate(("hidden1", "hidden2", "output")):
            weight = tensors[f"{layer}.weight"].double()
            assert layers[run, place, 0] == pytest.approx(weight.norm().item(), rel=1e-6)
            assert layers[run, place, 1] == np.float32((weight == 0).double().mean().item())


def test_a_unit_is_dead_where_it_is_zero_on_every_training_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """In batches of seven: one that any example wakes is alive. The output has no rectified units."""
    monkeypatch.setattr(evaluation, "EVALUATION_BATCH", 7)
    sweep = make_sweep(make_spec(network=MLP, regularizers=regularize("l2")))
    stack = get_stack(sweep)
    slots = {name: slot.value.detach() for name, slot in stack.parameters.slots.items()}
    kill_units(slots, "hidden1", [0, 4])
    kill_units(slots, "hidden2", [6])
    x = sweep.data.train.x
    # Awake for the last example alone.
    slots["hidden1.weight"][-1, 8] = 0
    slots["hidden1.weight"][-1, 8] = x[-1].flatten() / x[-1].norm()
    own = (x.flatten(1) @ slots["hidden1.weight"][-1, 8]).sort().values
    slots["hidden1.bias"][-1, 0, 8] = -(own[-1] + own[-2]) / 2
    dead = sweep.measure_start().layers[:, :, LAYER_PARTS.index("dead_share")]
    hidden1 = functional.relu(x.flatten(1) @ slots["hidden1.weight"][-1].T + slots["hidden1.bias"][-1])
    hidden2 = functional.relu(hidden1 @ slots["hidden2.weight"][-1].T + slots["hidden2.bias"][-1])
    expected = [(hidden == 0).all(0).double().mean().item() for hidden in (hidden1, hidden2)]
    assert expected[0] == pytest.approx(2 / 9)
    assert dead[-1, :2] == pytest.approx(expected)
    assert dead[0, 0] == 0
    assert np.isnan(dead[:, 2]).all()


def test_a_channel_is_dead_where_it_passes_nothing_on() -> None:
    sweep = make_sweep(make_spec(network=CNN, regularizers=regularize("l2")))
    slots = {name: slot.value.detach() for name, slot in get_stack(sweep).parameters.slots.items()}
    kill_units(slots, "conv1", [1])
    kill_units(slots, "hidden", [0, 1, 2, 3])
    dead = sweep.measure_start().layers[-1, :, 2]
    x = sweep.data.train.x[None]
    last = get_stack(sweep).parameters.cut(2)[-1]
    shares = []
    for layer in ("conv1", "conv2"):
        x = pool(functional.relu(convolve(x, last[f"{layer}.weight"], last[f"{layer}.bias"])))
        shares.append((x.flatten(0, 3) == 0).all(0).double().mean().item())
    assert shares[0] >= 1 / 3
    assert dead[:2] == pytest.approx(shares)
    assert dead[2] >= 4 / 11
    assert np.isnan(dead[3])


@pytest.mark.parametrize("network", ["linear", "mlp", "resnet"])
def test_what_is_not_rectified_layer_by_layer_has_no_dead_units(network: str) -> None:
    """A linear network, tanh, and residual blocks, whose sums are rectified."""
    for epoch in get_epochs(collect(make_spec(network, regularizers=[], epochs=1))):
        assert epoch.layers is not None
        assert np.isnan(epoch.layers[:, :, 2]).all()
        assert np.isfinite(epoch.layers[:, :, :2]).all()


def test_layers_do_not_depend_on_the_stack() -> None:
    spec = make_spec(network=MLP, regularizers=regularize("l1", "dropout", strengths=(0.02, 0.1)), seeds=2)
    together, alone = make_sweep(spec), make_sweep(spec, stack_size=1)
    for number in (1, 2):
        own, other = together.train_epoch(number).layers, alone.train_epoch(number).layers
        assert np.array_equal(own, other, equal_nan=True)
