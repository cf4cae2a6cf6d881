"""torchvision's networks: trained as a plain program trains them, by the same engine, bare and never downloaded."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional
from torchvision import models

from core.catalogue.torchvision_models import TABLE, TORCHVISION_MODELS
from core.planning import plan_runs
from core.spec import ExperimentSpec
from setup.torchvision_models import describe_model
from tests.worker.training.sweeps import make_spec, make_sweep, regularize, train_sweep
from worker.training.device import choose_stack
from worker.training.networks import make_network
from worker.training.networks.torchvision_model import list_models
from worker.training.rng import BatchOrder, Purpose, make_generator
from worker.training.step.forward_context import ForwardContext

CPU = torch.device("cpu")
SMALL = "shufflenet_v2_x0_5"


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretrained weights would be downloaded; here nothing may be."""

    def refuse(*_: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def make(model: str = SMALL, **changes: Any) -> ExperimentSpec:
    options: dict[str, Any] = {
        "network": {"name": f"torchvision:{model}"},
        "dataset": {"name": "digits", "train_examples": 17, "validation_fraction": 0.01, "test_fraction": 0.01},
        "regularizers": [],
        "epochs": 2,
    }
    return make_spec(**options | changes)


def make_slots(model: str = SMALL, dtype: torch.dtype = torch.float32) -> Any:
    network = make_network(make(model).network, (8, 8, 1), 10)
    return network, network.make_parameters([0], dtype, CPU).slots


def draw_images(examples: int, *shape: int) -> Tensor:
    return torch.randn(1, examples, *shape, generator=torch.Generator().manual_seed(0))


def test_the_table_is_of_the_installed_torchvision() -> None:
    """`python -m setup.torchvision_models` writes it anew."""
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    assert list(table) == list_models()
    for name in ("resnet18", "squeezenet1_1", "mobilenet_v3_small", "vit_b_16", "alexnet"):
        assert describe_model(name) == table[name]


def test_resnet18_trains_as_a_plain_program() -> None:
    """The baseline, and a run under L2, which is torch's own weight_decay of the weights; running statistics too."""
    l2 = {"name": "l2", "strengths": [0.1]}
    options = {"batch_size": 9, "optimizer": {"name": "adam", "learning_rate": 2e-4}}
    spec = make("resnet18", precision="float64", regularizers=[l2], seeds=[3], **options)
    sweep = make_sweep(spec)
    for epoch in (1, 2):
        metrics = sweep.train_epoch(epoch).metrics
    for i, (run, trained) in enumerate(zip(plan_runs(spec), sweep.read_parameters(), strict=True)):
        torch.manual_seed(make_generator(3, Purpose.START).initial_seed())
        module = models.resnet18(num_classes=10).double()
        decayed = [p for name, p in module.named_parameters() if p.dim() > 1 and name.endswith("weight")]
        others = [p for p in module.parameters() if not any(p is other for other in decayed)]
        groups: list[dict[str, Any]] = [{"params": decayed, "weight_decay": run.strength}, {"params": others}]
        optimizer, order = torch.optim.Adam(groups, 2e-4), BatchOrder({3: 17})
        for _ in range(2):
            for batch in order.draw()[3].split(9):
                optimizer.zero_grad()
                x = sweep.data.train.x[batch].permute(0, 3, 1, 2).expand(-1, 3, -1, -1)
                functional.cross_entropy(module(x), sweep.data.train.y[batch]).backward()
                optimizer.step()
        state = module.state_dict()
        parts = {"weight": "gain", "running_mean": "mean", "running_var": "variance"}
        for name, tensor in state.items():
            layer, _, part = name.rpartition(".")
            key = name if tensor.dim() > 1 else f"{layer}.{parts.get(part, part)}"
            if part != "num_batches_tracked":
                ours = trained.pop(key).view(tensor.shape)
                # By tensor: where nine values of one pixel are nearly alike, their variance divides round-off.
                assert (ours - tensor).norm() <= 1e-9 * tensor.norm() + 1e-12, (run, name)
        assert trained == {}
        outputs = module.eval()(sweep.data.validation.x.permute(0, 3, 1, 2).expand(-1, 3, -1, -1))
        loss = functional.cross_entropy(outputs, sweep.data.validation.y).item()
        assert metrics["validation_loss"][i] == pytest.approx(loss, rel=1e-9)


def test_strength_0_is_the_baseline_and_the_global_generator_stays() -> None:
    spec = make(regularizers=regularize("l2", "l1", "group_lasso", "dropout", "sam", strengths=(0.0, 0.05)), epochs=1)
    runs = plan_runs(spec)
    torch.manual_seed(7)
    before = torch.get_rng_state()
    baseline, *others = train_sweep(spec, runs)
    assert torch.equal(torch.get_rng_state(), before)
    for run, trained in zip(runs[1:], others, strict=True):
        assert torch.equal(trained, baseline) == (run.strength == 0), run
    assert torch.equal(train_sweep(spec, runs[-2:-1])[0], baseline)


def test_each_run_is_a_stack_of_its_own() -> None:
    network, _ = make_slots()
    for device in (CPU, torch.device("meta")):
        assert choose_stack(network, [32], torch.float32, device) == (1, 1)


def test_weights_are_units_by_fan_in_and_the_rest_is_not_penalized() -> None:
    network, slots = make_slots("mobilenet_v3_small")
    weights = {tensor.name: tensor.shape for tensor in network.tensors if tensor.is_weight}
    assert weights["features.0.0.weight"] == (16, 27)
    assert weights["features.1.block.0.0.weight"] == (16, 9)
    assert weights["classifier.3.weight"] == (10, 1024)
    assert all(len(name.split(".")) > 1 and shape[1] > 1 for name, shape in weights.items())
    parameters = network.make_parameters([0], torch.float32, CPU)
    assert {spec.part for spec in parameters.biases.specs} == {"bias", "gain"}
    assert {spec.part for spec in parameters.statistics.specs} == {"mean", "variance"}
    assert len(slots) == len(network.tensors) + len(network.statistics)


def test_its_own_dropout_is_off_and_ours_acts_before_the_last_layer() -> None:
    network, slots = make_slots("mobilenet_v3_small")
    x = draw_images(4, 8, 8, 1)
    seen: list[torch.Size] = []

    def drop(hidden: Tensor) -> Tensor:
        seen.append(hidden.shape)
        return hidden * 0

    with torch.no_grad():
        passed = [network.forward(x, slots, ForwardContext(True, False)) for _ in range(2)]
        dropped = network.forward(x, slots, ForwardContext(True, False, drop))
    assert torch.equal(*passed)
    assert seen == [(1, 4, 1024)]
    assert torch.equal(dropped[0], slots["classifier.3.bias"].value[0].expand(4, -1))


def test_images_are_repeated_to_three_channels_and_enlarged_to_what_it_takes() -> None:
    network, slots = make_slots("squeezenet1_1", torch.float64)
    torch.manual_seed(make_generator(0, Purpose.START).initial_seed())
    module = models.squeezenet1_1(num_classes=10).double().eval()
    side = TORCHVISION_MODELS["squeezenet1_1"].smallest
    with torch.no_grad():
        for images in (draw_images(3, 8, 8, 1).double(), draw_images(3, 20, 24, 1).double()):
            x = images[0].permute(0, 3, 1, 2).repeat(1, 3, 1, 1)
            if x.shape[2] < side:
                x = functional.interpolate(x, (side, side), mode="bilinear")
            torch.testing.assert_close(network.forward(images, slots)[0], module(x), rtol=1e-12, atol=1e-12)
        with pytest.raises(RuntimeError):
            module(torch.zeros(2, 3, side - 1, side - 1, dtype=torch.float64))


def test_one_value_per_channel_becomes_the_shift_and_moves_no_statistics() -> None:
    """Of one example of 8×8, resnet18's last three stages have one pixel: torch itself refuses to train on it."""
    network, slots = make_slots("resnet18")
    kept = {name: slot.value.clone() for name, slot in slots.items()}
    for slot in slots.values():
        slot.gradient.fill_(7.0)
    outputs = [network.forward(draw_images(1, 8, 8, 1) * i, slots, ForwardContext(True, True)) for i in (1, 2)]
    torch.testing.assert_close(*outputs, rtol=1e-4, atol=1e-5)
    moved = {name.split(".")[0] for name, slot in slots.items() if not torch.equal(slot.value, kept[name])}
    assert moved == {"bn1", "layer1"}
    outputs[0].sum().backward()
    # Nothing passes back through it, and no gradient is left over from the step before.
    for layer in ("conv1", "layer1.0.conv1", "layer4.0.conv1"):
        assert (slots[f"{layer}.weight"].gradient == 0).all()
    assert (slots["fc.bias"].gradient == 1).all()
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        models.resnet18(num_classes=10)(torch.zeros(1, 3, 8, 8))
    assert all(trained.isfinite().all() for trained in train_sweep(make("resnet18", epochs=1)))


def test_only_a_training_pass_that_keeps_statistics_moves_them() -> None:
    network, slots = make_slots()
    x, kept = draw_images(4, 8, 8, 1), {name: slot.value.clone() for name, slot in slots.items()}
    for context in (ForwardContext(), ForwardContext(True, False)):
        network.forward(x, slots, context)
        assert all(torch.equal(slot.value, kept[name]) for name, slot in slots.items())
    network.forward(x, slots, ForwardContext(True, True))
    statistics = {name for name in slots if name.endswith((".mean", ".variance"))}
    assert {name for name, slot in slots.items() if not torch.equal(slot.value, kept[name])} == statistics
