"""The device, and how many runs a stack holds there."""

from __future__ import annotations

import pytest
import torch

from tests.worker.training.sweeps import NETWORKS, make_spec
from worker.training.device import CPU_SMALLEST, choose_device, choose_stack
from worker.training.networks import make_network

CPU = torch.device("cpu")


def test_stacks_are_smaller_for_larger_networks() -> None:
    sizes = {}
    for name, widths in (("small", [8]), ("demonstration", [256, 256]), ("large", [2048, 2048])):
        network = make_network(make_spec(network={"name": "mlp", "widths": widths}).network, (8, 8, 1), 10)
        sizes[name], smallest = choose_stack(network, [32], torch.float32, CPU)
        assert smallest == 1
    assert sizes["small"] > sizes["demonstration"] > sizes["large"] == 2
    # Where the demonstration is quickest.
    assert 8 <= sizes["demonstration"] <= 16


@pytest.mark.parametrize(("width", "batches"), [(1, [32]), (8, [32, 1])], ids=["one unit", "a batch of one"])
def test_products_with_one_row_or_column_are_not_left_alone(width: int, batches: list[int]) -> None:
    network = make_network(make_spec(network={"name": "mlp", "widths": [width]}).network, (8, 8, 1), 10)
    assert choose_stack(network, batches, torch.float32, CPU)[1] == CPU_SMALLEST == 2


@pytest.mark.parametrize("network", NETWORKS)
def test_other_devices_fill_every_stack(network: str) -> None:
    """Their libraries choose a way by the size of the batch, so every stack has the same."""
    made = make_network(make_spec(network).network, (8, 8, 1), 10)
    largest, smallest = choose_stack(made, [32], torch.float32, torch.device("meta"))
    assert largest == smallest == 64


def test_auto_is_a_gpu_if_there_is_one() -> None:
    assert choose_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert choose_device("cpu") == CPU
