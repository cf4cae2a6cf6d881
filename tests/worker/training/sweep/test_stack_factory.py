"""The factory of stacks: which runs a stack gets, and tensors of its own choice."""

from __future__ import annotations

import numpy as np
import torch

from core.planning import plan_runs
from tests.worker.training.sweeps import make_spec, make_sweep, regularize


def test_no_runs_make_no_stacks() -> None:
    factory = make_sweep(make_spec())._factory
    assert factory.cut(np.array([], dtype=np.intp)) == []


def test_the_runs_that_are_left_are_cut_by_their_own_indices() -> None:
    spec = make_spec(regularizers=regularize("l1", "l2", strengths=(0.1, 0.2)), seeds=2)
    left = np.array([1, 3, 4, 9])
    cut = make_sweep(spec, stack_size=3)._factory.cut(left)
    assert max(map(len, cut)) <= 3
    assert sorted(np.concatenate(cut).tolist()) == left.tolist()


def test_a_stack_that_is_too_small_is_filled_with_copies_of_its_last_run() -> None:
    """One unit, whose products are not left alone."""
    spec = make_spec(network={"name": "mlp", "widths": [1]}, regularizers=regularize("l2", strengths=(0.1,)))
    factory = make_sweep(spec)._factory
    assert factory.fill(np.array([1])) == [1, 1]
    assert factory.make(np.array([1])).runs == (plan_runs(spec)[1],) * 2


def test_a_stack_begins_with_the_tensors_that_it_is_given() -> None:
    spec = make_spec(regularizers=regularize("l2", strengths=(0.1, 0.2)))
    trained = make_sweep(spec)
    trained.train_epoch(1)
    read = dict(enumerate(trained.read_parameters()))
    stack = make_sweep(spec)._factory.make_with(np.array([2, 0]), read)
    for row, run in enumerate((2, 0)):
        for name, tensor in stack.parameters.read(row).items():
            assert torch.equal(tensor, read[run][name])
