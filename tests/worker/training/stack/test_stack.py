"""A run computes the same in every stack, and the same as plain PyTorch."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from core.planning import plan_runs
from tests.worker.training.reference_training import train_reference
from tests.worker.training.sweeps import (
    NETWORKS,
    OPTIMIZERS,
    REGULARIZERS,
    RESIDUAL,
    WITHOUT_CLASSES,
    is_neutral,
    make_spec,
    regularize,
    train_sweep,
)

every_network = pytest.mark.parametrize("network", NETWORKS)
# An optimizer steps each element by itself, whatever the network: the costliest one need not meet them all.
every_pair = pytest.mark.parametrize(
    ("network", "optimizer"),
    [(n, o) for n in NETWORKS for o in OPTIMIZERS if n != "resnet" or o in ("momentum", "adam")],
)


@every_pair
def test_a_stack_trains_as_plain_pytorch(network: str, optimizer: str) -> None:
    """12 steps in float64, a stack of every regularizer, against one autograd program per run."""
    spec = make_spec(network, optimizer, precision="float64", epochs=4, regularizers=regularize(strengths=(0.03,)))
    runs = plan_runs(spec)
    for run, fused in zip(runs, train_sweep(spec, runs, 64), strict=True):
        alone = train_reference(spec, run)
        assert torch.allclose(fused, alone, rtol=1e-9, atol=1e-12), (run, (fused - alone).abs().max())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("intercept", [True, False])
def test_one_logit_trains_as_plain_pytorch(optimizer: str, intercept: bool) -> None:
    """Two classes by a linear network, with and without an intercept."""
    spec = make_spec(
        "linear", optimizer, precision="float64", dataset={"name": "breast_cancer", "train_examples": 40},
        network={"name": "linear", "intercept": intercept}, regularizers=regularize("l2", "l1", "dropout"),
    )  # fmt: skip
    for run, fused in zip(plan_runs(spec), train_sweep(spec), strict=True):
        assert len(fused) == 30 + intercept
        torch.testing.assert_close(fused, train_reference(spec, run), rtol=1e-9, atol=1e-12)


@every_network
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_float32_stays_near_plain_pytorch(network: str, optimizer: str) -> None:
    spec = make_spec(network, optimizer, epochs=4, regularizers=regularize(strengths=(0.03,)))
    runs = plan_runs(spec)
    for run, fused in zip(runs, train_sweep(spec, runs, 64), strict=True):
        alone = train_reference(spec, run)
        assert torch.linalg.vector_norm(fused - alone) <= 1e-4 * torch.linalg.vector_norm(alone), run


@every_pair
def test_stacks_of_1_2_7_and_64_agree_bit_for_bit(network: str, optimizer: str) -> None:
    strengths = (0.0, 0.001, 0.1)
    spec = make_spec(network, optimizer, epochs=2, regularizers=regularize(strengths=strengths), seeds=3)
    # Evenly from every regularizer's.
    planned = plan_runs(spec)
    runs = [planned[i * len(planned) // 64] for i in range(64)]
    together = train_sweep(spec, runs, 64)
    # One run of every regularizer, at every place of a vector's length.
    chosen = [*range(1, 64, 5), 63]
    for size in (1, 2, 7):
        parts = train_sweep(spec, [runs[i] for i in chosen], size)
        for i, part in zip(chosen, parts, strict=True):
            assert torch.equal(part, together[i]), (size, runs[i])


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": {"name": "breast_cancer", "train_examples": 33}, "network": {"name": "linear"}},
        {"dataset": {"name": "wine", "train_examples": 33}, "network": {"name": "linear", "intercept": False}},
        {"dataset": {"name": "diabetes", "train_examples": 33}, "network": {"name": "linear"}},
        {"dataset": {"name": "diabetes", "train_examples": 33}, "network": {"name": "mlp", "widths": [1, 5]}},
        {"dataset": {"name": "breast_cancer", "train_examples": 33}, "network": {"name": "linear"}, "batch_size": 13},
        {"network": {"name": "mlp", "widths": [13], "activation": "gelu"}, "precision": "float64"},
        {"network": {"name": "mlp", "widths": [13], "activation": "silu"}},
        {"network": {"name": "cnn", "channels": [3], "hidden": 5, "activation": "silu"}, "batch_size": 13},
    ],
    ids=["one logit", "no intercept", "one output", "one unit", "one logit", "gelu", "silu", "odd batch"],
)
def test_awkward_shapes_agree_bit_for_bit_too(changes: dict[str, Any]) -> None:
    """Products with one column, and activations whose last elements no vector holds, have special code paths."""
    names = WITHOUT_CLASSES if changes.get("dataset", {}).get("name") == "diabetes" else REGULARIZERS
    spec = make_spec(regularizers=regularize(*names, strengths=(0.01, 0.1)), **changes)
    runs = plan_runs(spec)
    together = train_sweep(spec, runs, 64)
    for size in (1, 2, 5):
        for run, part, whole in zip(runs, train_sweep(spec, runs, size), together, strict=True):
            assert torch.equal(part, whole), (size, run)


@every_pair
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_strength_0_is_the_baseline_bit_for_bit(network: str, optimizer: str, precision: str) -> None:
    """In another stack of another size than the baseline's, too; and any other strength is not the baseline."""
    changes: dict[str, Any] = {"precision": precision, "regularizers": regularize(strengths=(0.0, 0.05))}
    spec = make_spec(network, optimizer, epochs=2, **changes)
    runs = plan_runs(spec)
    baseline = train_sweep(spec, runs[:1], 1)[0]
    for size in (3, 64):
        for run, trained in zip(runs, train_sweep(spec, runs, size), strict=True):
            assert torch.equal(trained, baseline) == is_neutral(run), run


@pytest.mark.parametrize("name", [name for name in REGULARIZERS if name not in {"dropout", *RESIDUAL}])
def test_strength_0_is_the_baseline_with_penalized_biases(name: str) -> None:
    spec = make_spec(regularizers=regularize(name, strengths=(0.0, 0.05)), penalize_biases=True)
    baseline, zero, other = train_sweep(spec)
    assert torch.equal(zero, baseline)
    weights = 64 * 33 + 33 * 17 + 17 * 10
    assert not torch.equal(other[weights:], baseline[weights:])
