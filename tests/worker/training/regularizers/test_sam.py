"""Sharpness-aware minimization: the point of the second gradient, and no effect of the second pass on other runs."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.reference_training import forward, train_reference
from tests.worker.training.sweeps import make_spec, make_sweep, regularize, train_sweep
from worker.training.data import Examples
from worker.training.regularizers import make_regularizer

STRENGTHS = torch.tensor([0.0, 0.05, 2.0], dtype=torch.float64)
DROPOUT = {"name": "dropout", "strengths": [0.3]}
L2 = {"name": "l2", "strengths": [0.01]}


def test_each_run_moves_by_rho_along_its_own_gradient() -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = ((4, 5), (1, 4))
    weights = [torch.randn(3, *shape, generator=generator, dtype=torch.float64) for shape in shapes]
    gradients = [torch.randn(3, *shape, generator=generator, dtype=torch.float64) for shape in shapes]
    before = [weight.clone() for weight in weights]
    make_regularizer("sam", STRENGTHS).perturb(weights, gradients)
    moved = torch.cat([(w - b).flatten(1) for w, b in zip(weights, before, strict=True)], dim=1)
    uphill = torch.cat([gradient.flatten(1) for gradient in gradients], dim=1)
    torch.testing.assert_close(moved.norm(dim=1), STRENGTHS, rtol=1e-12, atol=1e-12)
    expected = STRENGTHS[:, None] * uphill / uphill.norm(dim=1, keepdim=True)
    torch.testing.assert_close(moved, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("size", [0.0, 1e-45, 1e-39, 1e-30])
def test_sam_survives_a_vanishing_gradient(dtype: torch.dtype, size: float) -> None:
    weight, gradient = torch.ones(3, 2, 2, dtype=dtype), torch.full((3, 2, 2), size, dtype=dtype)
    make_regularizer("sam", torch.tensor([0.0, 1.0, 1e3], dtype=dtype)).perturb([weight], [gradient])
    assert torch.isfinite(weight).all()
    if size == 0:
        assert (weight == 1).all()
    assert (weight[0] == 1).all()


def test_losses_and_norms_are_of_the_first_pass() -> None:
    """The first batch is before any step, where all runs of a seed are one network."""
    spec = make_spec(regularizers=regularize("sam", strengths=(0.5, 2.0)), epochs=1, batch_size="full")
    result = make_sweep(spec).train_epoch(1)
    for values in (result.batch_losses[:, 0], result.metrics["gradient_norm"]):
        assert len(set(values.tolist())) == 1
    assert len(set(result.metrics["train_loss"].tolist())) == 3


def test_the_second_pass_moves_no_running_statistics() -> None:
    """At ρ = 0 it sees the same as the first one; if it counted, evaluation would differ."""
    result = make_sweep(make_spec("resnet", regularizers=regularize("sam", strengths=(0.0,)))).train_epoch(1)
    for name in ("validation_loss", "train_loss"):
        assert result.metrics[name][0] == result.metrics[name][1]


def test_sam_leaves_the_noise_of_other_rows_as_it_was() -> None:
    """Their noise is drawn again for the second pass, and stands after it where it would have stood."""
    beside = [DROPOUT, *regularize("gaussian_noise", "mixup", strengths=(0.5,))]
    with_it = make_spec(regularizers=[*beside, *regularize("sam", strengths=(0.5,))], seeds=2)
    without = make_spec(regularizers=beside, seeds=2)
    together = train_sweep(with_it, stack_size=64)
    for run, alone, beside_it in zip(plan_runs(without), train_sweep(without, stack_size=64), together, strict=False):
        assert torch.equal(alone, beside_it), run


@pytest.mark.parametrize("penalize_biases", [False, True])
@pytest.mark.parametrize("network", ["linear", "mlp", "cnn"])
def test_fixed_sam_beside_others_trains_as_plain_pytorch(network: str, penalize_biases: bool) -> None:
    """All rows move; the second pass sees the same dropout; the penalty acts where the weights stand."""
    spec = make_spec(
        network,
        "sgd",
        fixed=[{"name": "sam", "strengths": [0.2]}],
        regularizers=[DROPOUT, L2, *regularize("l1", "label_smoothing", "mixup", "gaussian_noise", strengths=(0.1,))],
        precision="float64",
    )
    for run, trained in zip(plan_runs(spec), train_sweep(spec), strict=True):
        torch.testing.assert_close(trained, train_reference(spec, run), rtol=1e-9, atol=1e-12)


def test_sam_lowers_the_loss_at_the_worst_point_nearby() -> None:
    """The training loss at the worst place within ρ, to first order: lower than the baseline's for every seed."""
    radius = 0.5
    spec = make_spec(
        "linear",
        optimizer={"name": "sgd", "learning_rate": 0.1},
        regularizers=regularize("sam", strengths=(radius,)),
        epochs=300,
        seeds=3,
        batch_size="full",
    )
    sweep = make_sweep(spec)
    for epoch in range(1, spec.epochs + 1):
        sweep.train_epoch(epoch)
    worst = [find_worst_loss(spec, parameters, sweep.data.train, radius) for parameters in sweep.read_parameters()]
    for seed in range(3):
        assert worst[3 + seed] < worst[seed]


def find_worst_loss(spec: ExperimentSpec, parameters: dict[str, Tensor], examples: Examples, radius: float) -> float:
    def compute_loss(tensors: list[Tensor]) -> Tensor:
        named = dict(zip(parameters, tensors, strict=True))
        return functional.cross_entropy(forward(spec.network, named, examples.x, lambda hidden: hidden), examples.y)

    leaves = [tensor.requires_grad_() for tensor in parameters.values()]
    gradients = torch.autograd.grad(compute_loss(leaves), leaves)
    norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    return compute_loss([t + radius * g / norm for t, g in zip(leaves, gradients, strict=True)]).item()
