"""The convolutional network."""

from __future__ import annotations

import pytest

from core.errors import InvalidSpecError
from core.spec import CNN
from tests.worker.training.sweeps import make_spec, make_sweep
from worker.training.networks import make_network


def test_convolutions_start_as_torchs() -> None:
    made = make_network(CNN(name="cnn", channels=[8, 4]), (8, 8, 3), 10)
    fans = {tensor.name: tensor.fan_in for tensor in made.tensors}
    assert fans["conv1.weight"] == fans["conv1.bias"] == 3 * 9
    assert fans["conv2.weight"] == 8 * 9


def test_a_cnn_needs_images() -> None:
    with pytest.raises(InvalidSpecError, match=r"needs images .* shape \(13,\)"):
        make_sweep(make_spec("cnn", dataset={"name": "wine"}))
