"""Mixed precision: products in bfloat16, all state in float32, results near float32's in every stack."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.errors import InvalidSpecError
from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.reference_training import forward
from tests.worker.training.sweeps import (
    NETWORKS,
    OPTIMIZERS,
    collect,
    get_completed,
    get_epochs,
    get_stack,
    make_spec,
    make_sweep,
    regularize,
    train_sweep,
)
from worker.training.kernels.precision import choose_dtype, lower, multiply, write_product
from worker.training.stack import Stack

CPU = torch.device("cpu")
# bfloat16 keeps eight bits of a number.
ROUNDING = 2.0**-8
every_network = pytest.mark.parametrize("network", NETWORKS)


def take_gradients(spec: ExperimentSpec) -> tuple[Stack, list[Tensor]]:
    """A stack that has taken one step so small that it stays at its start, and that step's gradients (M, …)."""
    still = spec.model_copy(
        update={"optimizer": make_spec(optimizer={"name": "sgd", "learning_rate": 1e-30}).optimizer}
    )
    stack = get_stack(make_sweep(still))
    stack.train_epoch({seed: torch.arange(len(stack.data.train)) for seed in spec.list_seeds()})
    return stack, [g.clone() for group in stack.parameters.groups for g in group.gradient_tensors]


def measure_error(one: list[Tensor], other: list[Tensor]) -> float:
    """Relative, in L2 norm."""
    a, b = (torch.cat([tensor.flatten() for tensor in each]) for each in (one, other))
    return float((a - b).norm() / b.norm())


@every_network
def test_gradients_are_near_float32s_and_kept_in_float32(network: str) -> None:
    """Not equal to float32's, which would mean that nothing was rounded."""
    options: dict[str, Any] = {"regularizers": regularize("l2"), "seeds": 2, "batch_size": 40, "epochs": 1}
    mixed, rounded = take_gradients(make_spec(network, precision="mixed", **options))
    _, exact = take_gradients(make_spec(network, **options))
    assert {g.dtype for g in rounded} == {v.dtype for group in mixed.parameters.groups for v in group.tensors}
    assert {g.dtype for g in rounded} == {torch.float32}
    # A rounded number may be another one's maximum, or on the other side of 0; the more layers, the more of that.
    bound = {"cnn": 16, "resnet": 32}.get(network, 8)
    assert ROUNDING / 100 < measure_error(rounded, exact) < bound * ROUNDING


@every_network
def test_rounding_is_no_more_than_torchs_own_layers_under_autocast(network: str) -> None:
    options: dict[str, Any] = {"regularizers": [], "batch_size": 40, "epochs": 1}
    spec = make_spec(network, precision="mixed", **options)
    stack, rounded = take_gradients(spec)
    _, exact = take_gradients(make_spec(network, **options))
    trained = {tensor.name for group in stack.parameters.groups for tensor in group.specs}
    leaves = {name: tensor.requires_grad_(name in trained) for name, tensor in stack.parameters.read(0).items()}
    train = stack.data.train
    with torch.autocast("cpu", torch.bfloat16):
        outputs = forward(spec.network, leaves, train.x, lambda hidden: hidden, training=True)
    torch.nn.functional.cross_entropy(outputs.float(), train.y).backward()
    theirs = [leaf.grad for leaf in leaves.values() if leaf.grad is not None]
    own = [[gradient[0] for gradient in each] for each in (rounded, exact)]
    assert len(theirs) == len(own[0])
    assert measure_error(*own) < 1.25 * measure_error(theirs, own[1]) + ROUNDING / 4


@pytest.mark.parametrize(("network", "near"), {"linear": 0.01, "mlp": 0.01, "cnn": 0.05, "resnet": 0.15}.items())
def test_a_sweep_learns_as_in_float32(network: str, near: float) -> None:
    options: dict[str, Any] = {
        "dataset": {"name": "digits", "train_examples": 200},
        "optimizer": {"name": "adam", "learning_rate": 0.003},
        "regularizers": regularize("l2", "dropout", strengths=(0.01,)),
        "epochs": 12,
    }
    mixed, exact = (collect(make_spec(network, precision=p, **options)) for p in ("mixed", "float32"))
    for ours, theirs in zip(get_epochs(mixed), get_epochs(exact), strict=True):
        for name, column in ours.metrics.items():
            # What does not exist of a run, as the ratio of a baseline's gradients, is NaN in both.
            assert np.array_equal(np.isfinite(column), np.isfinite(theirs.metrics[name])), name
        assert np.isfinite(ours.metrics["train_loss"]).all()
        assert ours.metrics["train_loss"] == pytest.approx(theirs.metrics["train_loss"], rel=near)
    losses = [epoch.metrics["train_loss"] for epoch in get_epochs(mixed)]
    assert (losses[-1] < 0.8 * losses[0]).all()
    assert get_completed(mixed).test_score == pytest.approx(get_completed(exact).test_score, abs=near)


@every_network
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_stacks_agree_bit_for_bit_in_mixed_precision(network: str, optimizer: str) -> None:
    names = ("l2", "l1", "dropout", "sam", "mixup")
    regularizers = regularize(*names, strengths=(0.0, 0.001, 0.1))
    spec = make_spec(network, optimizer, precision="mixed", epochs=2, regularizers=regularizers, seeds=4)
    runs = plan_runs(spec)[:64]
    together = train_sweep(spec, runs, 64)
    chosen = [*range(1, len(runs), 7), len(runs) - 1]
    for size in (1, 2, 7):
        for i, part in zip(chosen, train_sweep(spec, [runs[i] for i in chosen], size), strict=True):
            assert torch.equal(part, together[i]), (size, runs[i])


@every_network
def test_strength_0_is_the_baseline_in_mixed_precision(network: str) -> None:
    regularizers = regularize("l2", "l1", "weight_decay", "dropout", strengths=(0.0, 0.05))
    spec = make_spec(network, precision="mixed", regularizers=regularizers)
    runs = plan_runs(spec)
    baseline, *others = train_sweep(spec, runs, 64)
    for run, trained in zip(runs[1:], others, strict=True):
        assert torch.equal(trained, baseline) == (run.strength == 0), run


def test_a_network_of_torchvision_trains_in_mixed_precision() -> None:
    """Its own layers, by torch's autocast: the losses of the first step are near, and the statistics stay float32.

    Batch normalization over few values, fifty layers of it, makes more of each rounding.
    """
    options: dict[str, Any] = {"network": {"name": "torchvision:shufflenet_v2_x0_5"}, "regularizers": [], "epochs": 1}
    sweeps = [make_sweep(make_spec(precision=precision, **options)) for precision in ("mixed", "float32")]
    mixed, exact = (sweep.train_epoch(1) for sweep in sweeps)
    assert mixed.batch_losses[:, 0] == pytest.approx(exact.batch_losses[:, 0], rel=20 * ROUNDING)
    assert mixed.batch_losses[:, 0] != exact.batch_losses[:, 0]
    assert np.isfinite(mixed.metrics["train_loss"]).all()
    assert {tensor.dtype for tensor in sweeps[0].read_parameters()[0].values()} == {torch.float32}


def test_metrics_are_of_the_network_under_autocast() -> None:
    """The evaluation's loss, too, is of rounded products, summed without rounding."""
    spec = make_spec("mlp", precision="mixed", regularizers=[], epochs=1)
    sweep = make_sweep(spec)
    loss = sweep.train_epoch(1).metrics["train_loss"][0]
    with torch.autocast("cpu", torch.bfloat16), torch.no_grad():
        outputs = forward(spec.network, sweep.read_parameters()[0], sweep.data.train.x, lambda hidden: hidden)
    exact = torch.nn.functional.cross_entropy(outputs.double(), sweep.data.train.y).item()
    assert loss == pytest.approx(exact, rel=ROUNDING)


SHAPES = [
    (16, 16, 16),
    (17, 16, 16),
    (13, 17, 18),
    (16, 64, 33),
    (8, 17, 10),
    (1, 10, 1),
    (40, 5, 1),
    (16, 1, 8),
    (16, 8, 16),
    (16, 128, 1),
]


@pytest.mark.parametrize(("rows", "inner", "columns"), SHAPES, ids=str)
def test_a_product_does_not_depend_on_how_many_are_taken_at_once(rows: int, inner: int, columns: int) -> None:
    """oneDNN counts the multiplications of the whole batch before it takes them, and rounds otherwise than torch."""
    generator = torch.Generator().manual_seed(0)
    a, b, start = (
        torch.randn(64, *shape, generator=generator).bfloat16()
        for shape in ((rows, inner), (inner, columns), (1, columns))
    )
    for begin in (None, start):
        whole = multiply(a, b, begin)
        assert whole.dtype == torch.bfloat16
        exact = torch.bmm(a.float(), b.float()) + (0 if begin is None else begin.float())
        assert torch.allclose(whole.float(), exact, rtol=2 * ROUNDING, atol=2 * ROUNDING)
        for size in (1, 2, 3, 7, 31):
            for first in range(0, 64 - size, 5):
                part = slice(first, first + size)
                assert torch.equal(multiply(a[part], b[part], None if begin is None else begin[part]), whole[part])


def test_products_are_written_into_float32() -> None:
    a, b, sink = torch.randn(2, 3, 4).bfloat16(), torch.randn(2, 4, 5).bfloat16(), torch.empty(2, 3, 5)
    write_product(a, b, sink)
    assert torch.equal(sink, multiply(a, b).float())


def test_nothing_is_lowered_outside_of_autocast() -> None:
    x = torch.randn(3)
    assert lower(x) is x
    with torch.autocast("cpu", torch.bfloat16):
        assert lower(x).dtype == torch.bfloat16


def test_a_gpu_without_bfloat16_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """CUDA's answer is replaced, since no such GPU is at hand."""
    gpu = torch.device("cuda")
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla T4")
    for supported in (False, True):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, answer=supported: answer)
        assert choose_dtype("float32", gpu) == torch.float32
        if supported:
            assert choose_dtype("mixed", gpu) == torch.float32
        else:
            with pytest.raises(InvalidSpecError, match=r"bfloat16.*Tesla T4 has none") as caught:
                choose_dtype("mixed", gpu)
            assert caught.value.field == "precision"
    assert choose_dtype("float64", CPU) == torch.float64


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_moments_stay_in_float32(optimizer: str) -> None:
    stack = get_stack(make_sweep(make_spec("linear", optimizer, precision="mixed", regularizers=[])))
    for name in stack.optimizer.buffers:
        for buffer in getattr(stack.optimizer, name):
            assert buffer is None or buffer.dtype == torch.float32
