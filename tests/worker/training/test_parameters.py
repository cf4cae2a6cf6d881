"""Parameters of a stack: torch's start, one per seed, in aligned buffers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from tests.worker.training.sweeps import make_spec, make_sweep
from worker.training.networks import make_network
from worker.training.parameters import ALIGNMENT, Parameters


def test_the_start_is_spread_as_torchs() -> None:
    """Uniform within ±1/√fan_in for weights and biases, of layers wide enough to tell; gain 1 and shift 0."""
    spec = make_spec(network={"name": "mlp", "widths": [400], "normalization": "layer"})
    network = make_network(spec.network, (8, 8, 1), 10)
    slots = Parameters(network.tensors, [3], torch.float64, torch.device("cpu")).slots
    torch.manual_seed(0)
    for layer, theirs in (("hidden1", nn.Linear(64, 400)), ("output", nn.Linear(400, 10))):
        for part, other in (("weight", theirs.weight), ("bias", theirs.bias)):
            ours, bound = slots[f"{layer}.{part}"].value.detach(), theirs.in_features**-0.5
            assert ours.abs().max() <= bound
            if other.numel() > 100:
                assert ours.std() == pytest.approx(other.std().item(), rel=0.1)
                assert ours.abs().max() > 0.95 * bound
    assert (slots["hidden1.gain"].value == 1).all()
    assert (slots["hidden1.shift"].value == 0).all()


def test_a_seed_starts_alike_at_every_strength_and_precision_and_seeds_differ() -> None:
    starts: dict[str, list[torch.Tensor]] = {}
    for precision in ("float32", "float64"):
        spec = make_spec(seeds=[5, 6], precision=precision)
        sweep = make_sweep(spec, stack_size=3)
        starts[precision] = [torch.cat([t.flatten() for t in run.values()]).float() for run in sweep.read_parameters()]
    for start in starts.values():
        assert all(torch.equal(start[i], start[i % 2]) for i in range(len(start)))
        assert not torch.equal(start[0], start[1])
    assert torch.equal(starts["float32"][0], starts["float64"][0])


def test_blocks_of_the_stack_are_aligned() -> None:
    network = make_network(make_spec().network, (8, 8, 1), 10)
    for group in Parameters(network.tensors, [0, 1, 2], torch.float32, torch.device("cpu")).groups:
        assert group.values.numel() % ALIGNMENT == 0
        starts = [tensor.storage_offset() for tensor in group.tensors]
        assert all(start % ALIGNMENT == 0 for start in starts)
        assert all(tensor.is_contiguous() for tensor in (*group.tensors, *group.gradient_tensors))
