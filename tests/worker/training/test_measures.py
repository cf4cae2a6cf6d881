"""Weight measures and histograms, and how runs are cut into chunks."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.spec import PlannedRun
from tests.worker.training.sweeps import NETWORKS, make_spec
from worker.training.device import CPU_SMALLEST, choose_device, choose_stack
from worker.training.measures import choose_histogram_epochs, count_weights, measure_weights
from worker.training.networks import make_network
from worker.training.sweep import cut_stacks

CPU = torch.device("cpu")


def test_counts_are_numpys() -> None:
    weights = torch.randn(4, 30, 20, generator=torch.Generator().manual_seed(0))
    weights[1] = 0.25
    weights[2, :15] = 0
    low, high, counts = count_weights(weights, 16)
    for run in range(4):
        expected, edges = np.histogram(weights[run].double().numpy(), 16)
        assert (low[run].item(), high[run].item()) == (edges[0], edges[-1])
        # numpy moves a value that rounding put across an edge; nothing here lies on one but the run of equal values.
        assert abs(counts[run].numpy() - expected).sum() <= 2
        assert counts[run].sum() == 600


def test_a_zero_is_exactly_zero() -> None:
    weight = torch.tensor([[[0.0, -0.0, 1e-38, 3.0]], [[1.0, 1.0, -1.0, 2.0]]])
    measured = measure_weights([weight, weight])
    assert measured["zero_share"].tolist() == [0.5, 0.0]
    assert measured["weight_l1"].tolist() == [6.0, 10.0]
    assert measured["weight_l2"].tolist() == pytest.approx([18**0.5, 14**0.5])


@given(st.integers(1, 100_000))
def test_histograms_are_few_and_include_both_ends(epochs: int) -> None:
    chosen = choose_histogram_epochs(epochs)
    assert {1, epochs} <= chosen <= set(range(1, epochs + 1))
    assert len(chosen) == min(epochs, 12)


@given(st.lists(st.sampled_from(["none", "l1", "l2", "dropout"]), min_size=1, max_size=60), st.integers(1, 70))
def test_every_run_is_in_one_chunk_and_chunks_are_nearly_equal(names: list[str], largest: int) -> None:
    runs = [PlannedRun(name, 0.0, seed) for seed, name in enumerate(names)]
    chunks = cut_stacks(runs, largest)
    assert sorted(int(i) for chunk in chunks for i in chunk) == list(range(len(runs)))
    assert max(map(len, chunks)) <= largest
    assert max(map(len, chunks)) - min(map(len, chunks)) <= 1
    for chunk in chunks:
        keys = [runs[i].regularizer for i in chunk]
        assert len(set(keys)) == sum(a != b for a, b in zip(keys, [None, *keys], strict=False))


def test_runs_that_pass_twice_have_chunks_of_their_own_where_there_are_several() -> None:
    runs = [PlannedRun(name, 0.1, seed) for seed in range(7) for name in ("sam", "l2", "none")]
    chunks = [{runs[i].regularizer for i in chunk} for chunk in cut_stacks(runs, 5)]
    assert chunks.count({"sam"}) == 2
    assert len(chunks) == 5
    assert len(cut_stacks(runs, 21)) == 1


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
