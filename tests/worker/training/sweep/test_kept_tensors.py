"""The tensors that are kept of runs that ended."""

from __future__ import annotations

import numpy as np
import torch

from worker.training.sweep.kept_tensors import KeptTensors

CPU = torch.device("cpu")


def test_the_later_tensors_of_a_run_take_the_place_of_the_earlier() -> None:
    kept = KeptTensors(CPU)
    kept.keep({3: {"output.weight": torch.zeros(2)}})
    kept.keep({3: {"output.weight": torch.ones(2)}, 0: {"output.weight": torch.zeros(2)}})
    assert kept.tensors[3]["output.weight"].tolist() == [1, 1]
    assert kept.leave_out(np.array([True, True, False, True])).tolist() == [False, True, False, False]


def test_a_state_brings_back_what_was_kept_and_what_was_added_to_it() -> None:
    kept, other = KeptTensors(CPU), KeptTensors(CPU)
    kept.keep({3: {"stage1.block1.conv1.weight": torch.arange(4.0)}})
    other.keep({1: {"output.weight": torch.ones(1)}})
    other.set_state(kept.get_state({0: {"output.weight": torch.zeros(1)}}))
    assert set(other.tensors) == {0, 3}
    assert torch.equal(other.tensors[3]["stage1.block1.conv1.weight"], torch.arange(4.0))
    assert set(kept.tensors) == {3}
