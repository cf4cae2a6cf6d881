"""Optimizers equal torch.optim step by step, on a stack's flat buffers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from pydantic import TypeAdapter

from core.planning import plan_runs
from core.spec import OptimizerSpec
from tests.worker.training.reference_training import make_torch_optimizer, train_reference
from tests.worker.training.sweeps import OPTIMIZERS, make_spec, train_sweep
from worker.training.optimizers import Optimizer, make_optimizer
from worker.training.parameters import Group, TensorSpec

SPECS = [
    TensorSpec("a", "weight", (3, 5), 5),
    TensorSpec("a", "bias", (1, 3), 5),
    TensorSpec("b", "weight", (2, 3), 3),
    TensorSpec("b", "bias", (1, 2), 3),
]
PARSE: TypeAdapter[OptimizerSpec] = TypeAdapter(OptimizerSpec)


def make_groups(dtype: torch.dtype) -> tuple[Group, Group]:
    weights, biases = (
        Group([spec for spec in SPECS if spec.is_weight == chosen], 3, dtype, torch.device("cpu"))
        for chosen in (True, False)
    )
    generator = torch.Generator().manual_seed(1)
    for group in (weights, biases):
        for tensor in group.tensors:
            tensor.copy_(torch.randn(tensor.shape, generator=generator, dtype=torch.float64))
    return weights, biases


@pytest.mark.parametrize(("decay", "penalize_biases"), [(0.0, False), (0.05, False), (0.05, True)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_equal_to_torch_step_by_step(name: str, dtype: torch.dtype, decay: float, penalize_biases: bool) -> None:
    """weight_decay on the weights only, by torch's parameter groups; or with penalize_biases on all parameters."""
    spec = PARSE.validate_python(OPTIMIZERS[name] | {"weight_decay": decay})
    groups = make_groups(dtype)
    copies = [[tensor.clone().requires_grad_() for tensor in group.tensors] for group in groups]
    optimizer = make_optimizer(spec, groups, penalize_biases=penalize_biases)
    theirs = make_torch_optimizer(spec, copies[0], copies[1], penalize_biases)
    generator = torch.Generator().manual_seed(2)
    tolerance = 1e-5 if dtype == torch.float32 else 1e-12
    for step in range(25):
        for group, copied in zip(groups, copies, strict=True):
            for gradient, copy in zip(group.gradient_tensors, copied, strict=True):
                # From small to large, and 0 now and then.
                drawn = torch.randn(gradient.shape, generator=generator, dtype=torch.float64) * 10 ** (step % 5 - 2)
                drawn[step % 3] = 0
                gradient.copy_(drawn)
                copy.grad = gradient.clone()
        optimizer.step()
        theirs.step()
        for group, copied in zip(groups, copies, strict=True):
            for tensor, copy in zip(group.tensors, copied, strict=True):
                torch.testing.assert_close(tensor, copy.detach(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("penalize_biases", [False, True])
@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "adamw", "rmsprop", "adagrad", "adadelta"])
def test_an_optimizers_weight_decay_reaches_biases_where_penalties_do(name: str, penalize_biases: bool) -> None:
    """The option of the experiment, through the engine: as a plain PyTorch program trains the baseline."""
    optimizer = OPTIMIZERS[name] | {"weight_decay": 0.1}
    spec = make_spec("mlp", optimizer=optimizer, penalize_biases=penalize_biases, regularizers=[], seeds=1, epochs=3)
    spec = spec.model_copy(update={"precision": "float64"})
    (run,) = plan_runs(spec)
    (trained,) = train_sweep(spec)
    torch.testing.assert_close(trained, train_reference(spec, run), rtol=1e-8, atol=1e-10)
    other = spec.model_copy(update={"penalize_biases": not penalize_biases})
    assert not torch.allclose(trained, train_reference(other, run), rtol=1e-4, atol=1e-5)


def test_padding_between_the_tensors_stays_zero() -> None:
    """The buffer's blocks are padded; no optimizer may make numbers of it."""
    for settings in OPTIMIZERS.values():
        groups = make_groups(torch.float64)
        optimizer = make_optimizer(PARSE.validate_python(settings), groups)
        for group in groups:
            for gradient in group.gradient_tensors:
                gradient.fill_(1.0)
        before = sum(int((group.values == 0).sum()) for group in groups)
        for _ in range(3):
            optimizer.step()
        assert before > 0
        assert sum(int((group.values == 0).sum()) for group in groups) == before, settings


def test_adagrads_learning_rate_decays() -> None:
    groups = make_groups(torch.float64)
    spec = PARSE.validate_python({"name": "adagrad", "learning_rate": 0.5, "learning_rate_decay": 1.0})
    optimizer = make_optimizer(spec, groups)
    rates = []
    for _ in range(3):
        coming = optimizer.get_coming_rate()
        optimizer.step()
        assert optimizer.rate == coming
        rates.append(optimizer.rate)
    assert rates == pytest.approx([0.5, 0.25, 0.5 / 3])


def take_steps(optimizer: Optimizer, groups: Sequence[Group], rows: Sequence[int], steps: range) -> None:
    """``rows``: which of three runs this stack holds, whose gradients are the same in every stack."""
    for step in steps:
        generator = torch.Generator().manual_seed(step)
        for group in groups:
            for gradient in group.gradient_tensors:
                drawn = torch.randn(3, *gradient.shape[1:], generator=generator, dtype=torch.float64)
                gradient.copy_(drawn[list(rows)])
        optimizer.step()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_run_goes_on_in_another_stack_bit_for_bit(name: str) -> None:
    """Twice the third run and once the first, where there were three."""
    spec, rows = PARSE.validate_python(OPTIMIZERS[name]), [2, 0, 2]
    groups, others = make_groups(torch.float32), make_groups(torch.float32)
    optimizer, other = make_optimizer(spec, groups), make_optimizer(spec, others)
    take_steps(optimizer, groups, range(3), range(5))
    state = optimizer.get_state(rows)
    values = [tensor[rows] for group in groups for tensor in group.tensors]
    assert all(len(tensor) == 3 for tensor in state.rows.values())
    # Copies: what the old stack goes on with is not seen in them.
    take_steps(optimizer, groups, range(3), range(5, 9))
    other.set_state(state)
    for tensor, value in zip((tensor for group in others for tensor in group.tensors), values, strict=True):
        tensor.copy_(value)
    take_steps(other, others, rows, range(5, 9))
    for group, copied in zip(groups, others, strict=True):
        for tensor, copy in zip(group.tensors, copied.tensors, strict=True):
            assert torch.equal(copy, tensor[rows])
    strengths = torch.full((3, 1, 1), 0.5)
    for index in range(len(groups[0].tensors)):
        one, two = (each.scale_step(strengths, 0, index, slice(0, 3)) for each in (optimizer, other))
        assert torch.equal(two, one[rows])
    assert other.rate == optimizer.rate
