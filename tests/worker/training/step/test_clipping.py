"""Gradients are clipped run by run, by torch's formula, without any other effect."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.reference_training import train_reference
from tests.worker.training.sweeps import NETWORKS, make_spec, make_sweep, regularize, train_sweep
from worker.training.step.clipping import clip_gradients

# Below, among and above the gradients' norms of these sweeps.
NORMS = [0.05, 1.0, 1e6]


def make_clipped(norm: float, network: str = "mlp", optimizer: str = "sgd", **changes: Any) -> ExperimentSpec:
    return make_spec(network, optimizer, clip_norm=norm, **changes)


@pytest.mark.parametrize("norm", NORMS)
def test_the_formula_is_torchs_for_each_run(norm: float) -> None:
    generator = torch.Generator().manual_seed(3)
    sizes = torch.tensor([1e-9, 1e-3, 0.0, 1.0, 1e4])[:, None, None]
    gradients = [torch.randn(5, *shape, generator=generator) * sizes for shape in ((3, 4), (1, 7), (2, 2))]
    expected = [[gradient[run].clone().requires_grad_() for gradient in gradients] for run in range(5)]
    for tensors in expected:
        for tensor in tensors:
            tensor.grad = tensor.detach().clone()
        torch.nn.utils.clip_grad_norm_(tensors, norm)
    clip_gradients(gradients, norm)
    for run, tensors in enumerate(expected):
        for gradient, tensor in zip(gradients, tensors, strict=True):
            torch.testing.assert_close(gradient[run], tensor.grad, rtol=1e-6, atol=0)


def test_a_gradient_that_is_not_finite_affects_its_run_alone() -> None:
    gradients = [torch.ones(4, 2, 3), torch.ones(4, 1, 2)]
    gradients[0][1, 0, 0], gradients[1][2, 0, 1] = torch.nan, torch.inf
    alone = [gradient[[0, 3]].clone() for gradient in gradients]
    clip_gradients(gradients, 0.5)
    clip_gradients(alone, 0.5)
    for gradient, other in zip(gradients, alone, strict=True):
        assert torch.equal(gradient[[0, 3]], other)
    assert gradients[0][1].isnan().any()


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("optimizer", ["nesterov", "adamw"])
def test_a_clipped_stack_trains_as_plain_pytorch(network: str, optimizer: str) -> None:
    """After the penalties' gradients are added, before the optimizer's own decay: where torch's function is called."""
    spec = make_clipped(
        0.3, network, optimizer, precision="float64", epochs=3, regularizers=regularize(strengths=(0.03,))
    )
    runs = plan_runs(spec)
    for run, fused in zip(runs, train_sweep(spec, runs, 64), strict=True):
        alone = train_reference(spec, run)
        assert torch.allclose(fused, alone, rtol=1e-9, atol=1e-12), (run, (fused - alone).abs().max())


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_stacks_agree_bit_for_bit_when_clipped(optimizer: str) -> None:
    spec = make_clipped(0.3, optimizer=optimizer, regularizers=regularize(strengths=(0.01, 0.1)))
    runs = plan_runs(spec)
    together, chosen = train_sweep(spec, runs, 64), range(0, len(runs), 4)
    for size in (1, 2, 7):
        for i, part in zip(chosen, train_sweep(spec, [runs[i] for i in chosen], size), strict=True):
            assert torch.equal(part, together[i]), (size, runs[i])


def test_a_bound_out_of_reach_changes_nothing() -> None:
    for free, bound in zip(train_sweep(make_spec()), train_sweep(make_clipped(1e6, optimizer="adam")), strict=True):
        assert torch.equal(free, bound)


def test_the_reported_norm_is_of_the_data_losss_gradient_as_it_was() -> None:
    """At the first step, where the weights are still the same."""
    changes: dict[str, Any] = {"regularizers": regularize("l2", strengths=(0.5,)), "batch_size": 40, "epochs": 1}
    free, clipped = make_spec("mlp", "sgd", **changes), make_clipped(1e-3, **changes)
    norms = [make_sweep(spec).train_epoch(1).metrics["gradient_norm"].tolist() for spec in (free, clipped)]
    assert norms[0] == norms[1]
    assert min(norms[0]) > 1e-3


def test_a_run_that_diverges_leaves_its_clipped_neighbours_alone() -> None:
    """Its weights grow beyond all numbers by the penalty's pull, which is clipped too; by decay outside it is not."""
    runaway = [*regularize("l2"), {"name": "weight_decay", "strengths": [1e30]}]
    spec = make_clipped(0.5, regularizers=runaway, epochs=4)
    runs = plan_runs(spec)
    sweep = make_sweep(spec, runs, 64)
    fallen = [sweep.train_epoch(epoch).diverged for epoch in range(1, 5)]
    assert sum(fallen, ()) == (2,)
    alone = train_sweep(spec, runs[:2], 64)
    for tensors, other in zip(sweep.read_parameters()[:2], alone, strict=True):
        assert torch.equal(torch.cat([tensor.flatten() for tensor in tensors.values()]), other)
