"""Group lasso: its optimum by the optimality conditions, under several optimizers, and whole units at 0 in networks."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.nn import functional

from core.planning import plan_runs
from tests.worker.training.regularizers.test_largest_strength import load, make, measure
from tests.worker.training.sweeps import make_spec, make_sweep, regularize
from worker.training.sweep import Sweep

OPTIMIZERS: dict[str, tuple[dict[str, Any], int]] = {
    "fista": ({"name": "fista"}, 400),
    "nesterov": ({"name": "sgd", "learning_rate": 0.1, "momentum": 0.9, "nesterov": True}, 600),
    "adagrad": ({"name": "adagrad", "learning_rate": 0.5}, 600),
    "adam": ({"name": "adam", "learning_rate": 0.01, "beta2": 0.9999}, 1600),
}


def train_all(sweep: Sweep, epochs: int) -> Sweep:
    for epoch in range(1, epochs + 1):
        sweep.train_epoch(epoch)
    return sweep


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_optimum_is_reached_under_every_metric(optimizer: str) -> None:
    """Per class j, of slope g_j and λ√n: g_j = −λ√n·w_j/‖w_j‖ where w_j ≠ 0, else ‖g_j‖ ≤ λ√n. One of three is 0."""
    data, largest = load("wine"), make("group_lasso").find_largest_strength(measure("wine"))
    assert largest is not None
    strengths = [0.9 * largest, 0.2 * largest]
    chosen, steps = OPTIMIZERS[optimizer]
    spec = make_spec(
        "linear",
        optimizer=chosen,
        regularizers=[{"name": "group_lasso", "strengths": strengths}],
        batch_size="full",
        precision="float64",
        epochs=steps,
    )
    sweep = train_all(make_sweep(spec, plan_runs(spec)[1:], data=data), steps)
    zeros = []
    for strength, tensors in zip(strengths, sweep.read_parameters(), strict=True):
        weight = tensors["output.weight"].clone().requires_grad_()
        outputs = functional.linear(data.train.x, weight, tensors["output.bias"][0])
        functional.cross_entropy(outputs, data.train.y).backward()
        assert weight.grad is not None
        root, norm = strength * weight.shape[1] ** 0.5, weight.detach().norm(dim=1, keepdim=True)
        beyond = (weight.grad + root * weight.detach() / norm).norm(dim=1)
        outside = weight.grad.norm(dim=1) - root
        assert (torch.where(norm[:, 0] == 0, outside, beyond) <= 1e-7 * root).all()
        zeros.append(int((norm == 0).sum()))
    assert zeros[0] in (1, 2)
    assert zeros[1] == 0


@pytest.mark.parametrize("optimizer", ["momentum", "adam", "rmsprop"])
def test_units_vanish_as_a_whole(optimizer: str) -> None:
    """No input is constant and no unit without gradient here; where one is, its weights alone decay to 0."""
    spec = make_spec(
        optimizer_name=optimizer,
        dataset={"name": "wine"},
        network={"name": "mlp", "widths": [24], "activation": "tanh"},
        regularizers=regularize("group_lasso", strengths=(0.0, 0.003, 0.03)),
        epochs=30,
    )
    gone = []
    for tensors in train_all(make_sweep(spec), spec.epochs).read_parameters():
        zeros = torch.cat([(tensors[name] == 0).double().mean(1) for name in ("hidden1.weight", "output.weight")])
        assert ((zeros == 0) | (zeros == 1)).all()
        gone.append(int(zeros.sum()))
    assert gone[:2] == [0, 0]
    assert gone[2] < gone[3] <= 24 + 3
    assert gone[3] > 0
