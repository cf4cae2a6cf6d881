"""The residual network: torch's arithmetic, statistics of each run's own, independence of the stack."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.planning import plan_runs
from core.spec import ExperimentSpec, ResNet
from tests.worker.training.networks.torch_resnet import PlainResidual
from tests.worker.training.sweeps import make_spec, make_sweep, regularize, train_sweep
from worker.training.data import Dataset, Examples
from worker.training.networks import make_network
from worker.training.rng import BatchOrder
from worker.training.step.forward_context import ForwardContext
from worker.training.sweep import Sweep

NETWORK = {"name": "resnet", "channels": [3, 5], "blocks": 2}


def make(**changes: Any) -> ExperimentSpec:
    options: dict[str, Any] = {"network": NETWORK, "regularizers": []}
    return make_spec(**options | changes)


def cut(data: Dataset, height: int, width: int) -> Dataset:
    """The same examples with smaller images, from where no pixel is always 0."""
    top, left = (8 - height) // 2, (8 - width) // 2
    train, validation, test = (
        Examples(part.x[:, top : top + height, left : left + width].contiguous(), part.y)
        for part in (data.train, data.validation, data.test)
    )
    return Dataset(train, validation, test, (height, width, data.shape[2]), data.classes)


def load(module: nn.Module, tensors: dict[str, Tensor]) -> None:
    """The engine's tensors, in order: a convolution's, then its normalization's gain, shift, mean and variance."""
    norms = [m for m in module.modules() if isinstance(m, nn.BatchNorm2d)]
    layers = [m for m in module.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    names = [name.removesuffix(".weight") for name in tensors if name.endswith(".weight")]
    with torch.no_grad():
        for layer, name in zip(layers, names, strict=True):
            weight = tensors[f"{name}.weight"]
            if isinstance(layer, nn.Conv2d):
                side = layer.kernel_size[0]
                weight = weight.view(len(weight), side, side, -1).permute(0, 3, 1, 2)
            layer.weight.copy_(weight)
        for norm, name in zip(norms, names, strict=False):
            norm.weight.copy_(tensors[f"{name}.gain"][0])
            norm.bias.copy_(tensors[f"{name}.shift"][0])
            assert norm.running_mean is not None
            assert norm.running_var is not None
            norm.running_mean.copy_(tensors[f"{name}.mean"][0])
            norm.running_var.copy_(tensors[f"{name}.variance"][0])
        assert layers[-1].bias is not None
        layers[-1].bias.copy_(tensors["output.bias"][0])


@pytest.mark.parametrize("size", [(8, 8), (7, 5)], ids=["even", "odd"])
def test_the_residual_network_trains_as_torchs_modules(size: tuple[int, int]) -> None:
    """12 steps of torch.optim on nn.Conv2d and nn.BatchNorm2d, and the evaluation of both with running statistics."""
    spec = make(precision="float64", epochs=4, seeds=2)
    assert isinstance(spec.network, ResNet)
    data = cut(make_sweep(spec).data, *size)
    sweep = make_sweep(spec, data=data)
    starts = sweep.read_parameters()
    for epoch in range(1, 5):
        metrics = sweep.train_epoch(epoch).metrics
    for i, (start, end) in enumerate(zip(starts, sweep.read_parameters(), strict=True)):
        module, trained = (PlainResidual(1, spec.network, 10).double() for _ in range(2))
        load(module, start)
        optimizer, order = torch.optim.Adam(module.parameters(), 0.002), BatchOrder({i: len(data.train)})
        for _ in range(4):
            for batch in order.draw()[i].split(16):
                optimizer.zero_grad()
                functional.cross_entropy(
                    module(data.train.x[batch].permute(0, 3, 1, 2)), data.train.y[batch]
                ).backward()
                optimizer.step()
        load(trained, end)
        expected = module.state_dict()
        for name, tensor in trained.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                assert torch.allclose(tensor, expected[name], rtol=1e-9, atol=1e-12), name
        outputs = module.eval()(data.validation.x.permute(0, 3, 1, 2))
        loss = functional.cross_entropy(outputs, data.validation.y).item()
        assert metrics["validation_loss"][i] == pytest.approx(loss, rel=1e-9)


@pytest.mark.parametrize(
    ("size", "batch"),
    [((8, 8), 16), ((7, 5), 13), ((8, 8), 39), ((1, 1), 39)],
    ids=["even", "odd", "a last batch of one", "one value per channel"],
)
def test_stacks_agree_bit_for_bit(size: tuple[int, int], batch: int) -> None:
    regularizers = regularize("l2", "l1", "dropout", "stochastic_depth", strengths=(0.0, 0.3))
    spec = make(regularizers=regularizers, batch_size=batch, epochs=2, seeds=2)
    data, runs = cut(make_sweep(spec).data, *size), plan_runs(spec)

    def train(stack: int) -> list[Tensor]:
        sweep = make_sweep(spec, stack_size=stack, data=data)
        for epoch in range(1, 3):
            sweep.train_epoch(epoch)
        return [torch.cat([tensor.flatten() for tensor in run.values()]) for run in sweep.read_parameters()]

    together = train(64)
    assert all(tensor.isfinite().all() for tensor in together)
    for stack in (1, 2, 7):
        for run, part, whole in zip(runs, train(stack), together, strict=True):
            assert torch.equal(part, whole), (stack, run)
    for run, tensors in zip(runs, together, strict=True):
        assert torch.equal(tensors, together[run.seed]) == (run.strength == 0), run


def test_a_diverging_neighbour_changes_nothing() -> None:
    def train(strengths: list[float]) -> list[Tensor]:
        l2 = {"name": "l2", "strengths": strengths}
        return train_sweep(make(regularizers=[l2], epochs=6, optimizer={"name": "sgd", "learning_rate": 0.05}))

    calm, wild = train([0.01]), train([0.01, 1e30])
    assert not wild[2].isfinite().all()
    for one, other in zip(calm, wild, strict=False):
        assert torch.equal(one, other)


def test_one_value_per_channel_becomes_the_shift_and_moves_no_statistics() -> None:
    """torch refuses to train on it."""
    network = make_network(make().network, (1, 1, 1), 10)
    slots = network.make_parameters([0, 1], torch.float64, torch.device("cpu")).slots
    for name, slot in slots.items():
        if name.endswith(".shift"):
            slot.value.detach().fill_(0.5)
    kept = {name: slot.value.clone() for name, slot in slots.items()}
    outputs = [
        network.forward(torch.full((2, 1, 1, 1, 1), x).double(), slots, ForwardContext(True, True)) for x in (1.0, 2.0)
    ]
    torch.testing.assert_close(*outputs, rtol=1e-12, atol=1e-12)
    assert all(torch.equal(slot.value, kept[name]) for name, slot in slots.items())
    outputs[0].sum().backward()
    assert (slots["stem.weight"].gradient == 0).all()
    assert (slots["stem.gain"].gradient == 0).all()
    assert (slots["stage2.block2.conv2.shift"].gradient != 0).any()


def read_statistics(sweep: Sweep) -> list[dict[str, Tensor]]:
    return [
        {name: tensor for name, tensor in run.items() if name.endswith((".mean", ".variance"))}
        for run in sweep.read_parameters()
    ]


def test_statistics_belong_to_the_run_and_are_no_weights() -> None:
    """Neither trained nor penalized nor counted; sliced by run."""
    spec = make(seeds=2)
    network = make_network(spec.network, (8, 8, 1), 10)
    parameters = network.make_parameters([0, 1], torch.float32, torch.device("cpu"))
    names = {spec.name for spec in parameters.statistics.specs}
    assert {name for name in parameters.slots if name.endswith((".mean", ".variance"))} == names
    assert names.isdisjoint(spec.name for group in parameters.groups for spec in group.specs)
    assert len(names) == 2 * (1 + 2 * 4 + 1)
    sweep = make_sweep(spec)
    for name, tensor in read_statistics(sweep)[0].items():
        assert (tensor == (1.0 if name.endswith("variance") else 0.0)).all()
    sweep.train_epoch(1)
    first, second = read_statistics(sweep)
    assert all(not torch.equal(first[name], second[name]) for name in names)


def test_only_a_training_pass_that_keeps_statistics_moves_them() -> None:
    spec = make()
    network = make_network(spec.network, (8, 8, 1), 10)
    slots = network.make_parameters([0, 1], torch.float32, torch.device("cpu")).slots
    x = torch.randn(2, 6, 8, 8, 1, generator=torch.Generator().manual_seed(0))
    before = {name: slot.value.clone() for name, slot in slots.items()}

    def differ() -> set[str]:
        return {name for name, slot in slots.items() if not torch.equal(slot.value, before[name])}

    evaluated, passed = network.forward(x, slots), network.forward(x, slots, ForwardContext(True, False))
    assert differ() == set()
    assert not torch.equal(evaluated, passed)
    assert torch.equal(network.forward(x, slots, ForwardContext(True, True)), passed)
    assert differ() == {name for name in slots if name.endswith((".mean", ".variance"))}
