"""Learning-rate schedules are torch's, step by step, and reach the optimizer and the metric."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter

from core.planning import plan_runs
from core.spec import ScheduleSpec
from tests.worker.training.reference_training import make_scheduler, train_reference
from tests.worker.training.sweeps import OPTIMIZERS, collect, get_epochs, make_spec, regularize, train_sweep
from worker.training.optimizers.schedule import compute_factor

SCHEDULES: list[dict[str, Any]] = [
    {"name": "constant"},
    {"name": "constant", "warmup_epochs": 1.5},
    {"name": "cosine"},
    {"name": "cosine", "final": 0.1, "warmup_epochs": 2},
    {"name": "step", "every": 2, "factor": 0.5},
    {"name": "step", "every": 1, "factor": 0.3, "warmup_epochs": 0.4},
    {"name": "step", "every": 1000},
]
STEPS, EPOCHS = 5, 7
each_schedule = pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: "-".join(str(v) for v in s.values()))


def parse(schedule: dict[str, Any]) -> ScheduleSpec:
    return TypeAdapter[ScheduleSpec](ScheduleSpec).validate_python(schedule)


@each_schedule
def test_the_factor_is_torchs_at_every_step(schedule: dict[str, Any]) -> None:
    spec = parse(schedule)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    scheduler = make_scheduler(optimizer, spec, STEPS, EPOCHS)
    for step in range(STEPS * EPOCHS):
        rate = optimizer.param_groups[0]["lr"]
        assert 0.3 * compute_factor(spec, step, STEPS, EPOCHS) == pytest.approx(rate, rel=1e-12), step
        optimizer.step()
        scheduler.step()


def test_warm_up_rises_evenly_to_the_whole_rate() -> None:
    spec = parse({"name": "cosine", "warmup_epochs": 0.8})
    factors = [compute_factor(spec, step, STEPS, EPOCHS) for step in range(STEPS * EPOCHS)]
    assert factors[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert all(later < earlier for earlier, later in pairwise(factors[4:]))
    assert 0 < factors[-1] < 0.01


def test_a_warm_up_of_all_epochs_leaves_nothing_for_the_schedule() -> None:
    spec = parse({"name": "cosine", "warmup_epochs": EPOCHS})
    assert compute_factor(spec, STEPS * EPOCHS - 1, STEPS, EPOCHS) == pytest.approx(35 / 36)


FOLLOWED = [(name, SCHEDULES[3]) for name in OPTIMIZERS] + [("momentum", SCHEDULES[5])]


@pytest.mark.parametrize(("optimizer", "schedule"), FOLLOWED, ids=lambda v: v if isinstance(v, str) else v["name"])
def test_every_optimizer_and_regularizer_follows_it_as_plain_pytorch(optimizer: str, schedule: dict[str, Any]) -> None:
    """In float64: Adagrad's own decay, decoupled weight decay, and proximal steps at the rate of their step."""
    spec = make_spec(
        "mlp", optimizer, schedule=schedule, precision="float64", epochs=3, regularizers=regularize(strengths=(0.03,))
    )
    runs = plan_runs(spec)
    for run, fused in zip(runs, train_sweep(spec, runs, 64), strict=True):
        alone = train_reference(spec, run)
        assert torch.allclose(fused, alone, rtol=1e-9, atol=1e-12), (run, (fused - alone).abs().max())


def test_decoupled_weight_decay_is_torchs_adamw_under_a_schedule() -> None:
    """The swept regularizer against torch's own option, at the same λ: η of each step times λ."""
    base: dict[str, Any] = {"schedule": SCHEDULES[3], "precision": "float64", "epochs": 4}
    adamw = {"name": "adamw", "learning_rate": 0.002, "weight_decay": 0.01}
    swept = make_spec("linear", "adam", regularizers=regularize("weight_decay"), **base)
    own = make_spec("linear", regularizers=[], optimizer=adamw, **base)
    assert torch.allclose(train_sweep(swept)[1], train_sweep(own)[0], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("optimizer", ["sgd", "adagrad"])
def test_the_metric_is_the_rate_of_the_epochs_last_step(optimizer: str) -> None:
    spec = make_spec("linear", optimizer, schedule=SCHEDULES[3], regularizers=[], epochs=6)
    settings = OPTIMIZERS[optimizer]
    for number, epoch in enumerate(get_epochs(collect(spec)), start=1):
        step = 3 * number - 1
        decay = 1 + step * settings.get("learning_rate_decay", 0.0)
        rate = settings["learning_rate"] / decay * compute_factor(spec.schedule, step, 3, 6)
        assert epoch.metrics["learning_rate"].tolist() == pytest.approx([rate])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_stacks_agree_bit_for_bit_under_a_schedule(optimizer: str) -> None:
    spec = make_spec("mlp", optimizer, schedule=SCHEDULES[3], regularizers=regularize(strengths=(0.01, 0.1)))
    runs = plan_runs(spec)
    together, chosen = train_sweep(spec, runs, 64), range(0, len(runs), 4)
    for size in (1, 7):
        for i, part in zip(chosen, train_sweep(spec, [runs[i] for i in chosen], size), strict=True):
            assert torch.equal(part, together[i]), (size, runs[i])


def test_a_drop_beyond_the_last_epoch_changes_nothing() -> None:
    plain, late = make_spec("mlp", "adam"), make_spec("mlp", "adam", schedule={"name": "step", "every": 3})
    for constant, stepped in zip(train_sweep(plain), train_sweep(late), strict=True):
        assert torch.equal(constant, stepped)
