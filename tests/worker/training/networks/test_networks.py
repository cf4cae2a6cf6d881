"""All networks: the catalogue's number of weights, and layers in their order."""

from __future__ import annotations

import pytest

from core.catalogue.datasets import DATASETS
from core.catalogue.networks import count_outputs, count_weights
from tests.worker.training.sweeps import NETWORKS, make_spec
from worker.training.networks import make_network


@pytest.mark.parametrize("network", NETWORKS)
def test_as_many_weights_as_the_catalogue_counts(network: str) -> None:
    for name in ("digits", "mnist", "cifar10"):
        spec = make_spec(network, dataset={"name": name})
        made = make_network(spec.network, tuple(DATASETS[name].shape), count_outputs(spec))
        assert sum(tensor.shape[0] * tensor.shape[1] for tensor in made.tensors) == count_weights(spec)


def test_layers_are_named_in_their_order() -> None:
    named = {name: make_network(make_spec(name).network, (8, 8, 1), 10).layers for name in NETWORKS}
    assert named == {
        "linear": ("output",),
        "mlp": ("hidden1", "hidden2", "output"),
        "cnn": ("conv1", "conv2", "hidden", "output"),
        "resnet": (
            "stem",
            *(f"stage1.block1.{part}" for part in ("conv1", "conv2")),
            *(f"stage2.block1.{part}" for part in ("conv1", "conv2", "shortcut")),
            "output",
        ),
    }
