"""The accelerated proximal gradient in the engine: runs apart, steps that descend, states that resume."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.catalogue import check_spec
from core.errors import InvalidSpecError
from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.sweeps import collect, get_epochs, get_stack, make_spec, make_sweep, train_sweep
from worker.training.optimizers.lipschitz import measure_curvature
from worker.training.sweep import Sweep

CONVEX = ("l2", "l1", "elastic_net", "group_lasso")


def make(strengths: list[float], **changes: Any) -> ExperimentSpec:
    """200 digits, every regularizer that fista takes."""
    options: dict[str, Any] = {
        "dataset": {"name": "digits", "train_examples": 200},
        "optimizer": {"name": "fista"},
        "regularizers": [{"name": name, "strengths": strengths} for name in CONVEX],
        "batch_size": "full",
        "epochs": 25,
    }
    return make_spec("linear", **options | changes)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"network": {"name": "linear", "intercept": False}},
        {"penalize_biases": True},
        {"dataset": {"name": "breast_cancer"}},
        {"dataset": {"name": "diabetes", "standardize": False}},
        {"fixed": [{"name": "l2", "strengths": [0.01]}]},
    ],
    ids=["classes", "no intercept", "penalized biases", "one logit", "regression", "fixed"],
)
def test_stacks_of_1_2_7_and_64_agree_bit_for_bit(changes: dict[str, Any], precision: str) -> None:
    """Each run finds its own step, however often its neighbours try again."""
    regularizers = [{"name": name, "strengths": [0.0, 0.001, 0.1]} for name in CONVEX[1 if "fixed" in changes else 0 :]]
    spec = make([], precision=precision, seeds=3, regularizers=regularizers, **changes)
    runs = plan_runs(spec)
    together = train_sweep(spec, runs, 64)
    chosen = [*range(1, len(runs), 7), len(runs) - 1]
    for size in (1, 2, 7):
        for index, part in zip(chosen, train_sweep(spec, [runs[i] for i in chosen], size), strict=True):
            assert torch.equal(part, together[index]), (size, runs[index])


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_strength_0_is_the_baseline_bit_for_bit(precision: str) -> None:
    spec = make([0.0, 0.05], precision=precision)
    baseline, *others = train_sweep(spec)
    for run, trained in zip(plan_runs(spec)[1:], others, strict=True):
        assert torch.equal(trained, baseline) == (run.strength == 0), run


def test_seeds_reach_one_optimum() -> None:
    """The start does not matter to a convex problem: every run starts at 0, so seeds agree bit for bit."""
    spec = make([0.01], seeds=[3, 8], precision="float64")
    trained = dict(zip(plan_runs(spec), train_sweep(spec), strict=True))
    for run, weights in trained.items():
        others = [other for key, other in trained.items() if key.regularizer == run.regularizer]
        assert all(torch.equal(weights, other) for other in others)


def test_the_objective_falls_but_for_ripples_and_ends_within_rounding() -> None:
    """The reported objective is that of the proximal point, never of the extrapolated one."""
    spec = make([0.003, 0.03], precision="float64", epochs=400)
    events = get_epochs(collect(spec))
    objectives = np.array([epoch.metrics["train_loss"] + epoch.metrics["penalty"] for epoch in events])[:, 1:]
    best = np.minimum.accumulate(objectives)
    assert (objectives[1:] <= best[:-1] * 1.05).all()
    assert (objectives[-1] - objectives.min(0) <= 1e-9 * objectives[-1]).all()
    assert (objectives[300] - objectives[-1] <= 1e-5 * objectives[-1]).all()


def test_what_is_reported_is_of_the_weights_that_are_kept() -> None:
    spec = make([0.01], precision="float64", epochs=7)
    sweep = make_sweep(spec)
    for epoch in range(1, 8):
        metrics = sweep.train_epoch(epoch).metrics
    for index, tensors in enumerate(sweep.read_parameters()):
        outputs = sweep.data.train.x.flatten(1) @ tensors["output.weight"].T + tensors["output.bias"]
        loss = torch.nn.functional.cross_entropy(outputs, sweep.data.train.y).item()
        assert metrics["train_loss"][index] == pytest.approx(loss, rel=1e-12)
        assert metrics["weight_l1"][index] == pytest.approx(tensors["output.weight"].abs().sum().item(), rel=1e-12)


def test_the_learning_rate_is_each_runs_own() -> None:
    rates = get_epochs(collect(make([0.0001, 1.0], epochs=60)))[-1].metrics["learning_rate"]
    assert len(set(rates.tolist())) > 2
    assert (rates > 0).all()


def test_a_state_resumes_in_another_stack() -> None:
    """As when a stack is made anew after some of its runs ended."""
    spec = make([0.001, 0.1], precision="float64", epochs=20)
    runs = plan_runs(spec)
    whole = train_sweep(spec, runs, 64)
    first, second = make_sweep(spec, runs, 64), make_sweep(spec, runs[2:5], 64)
    for epoch in range(1, 12):
        first.train_epoch(epoch)
    move(first, second, [2, 3, 4])
    for epoch in range(12, 21):
        second.train_epoch(epoch)
    for index, tensors in enumerate(second.read_parameters()):
        assert torch.equal(torch.cat([t.flatten() for t in tensors.values()]), whole[2 + index])


def move(first: Sweep, second: Sweep, runs: list[int]) -> None:
    """The state of these runs of a sweep of one stack, into a sweep of one stack that holds just them."""
    ((indices, stack),) = first.stacks
    get_stack(second).set_state(stack.get_state([indices.tolist().index(run) for run in runs]))


def test_runs_that_a_tolerance_ends_are_at_their_optimum() -> None:
    spec = make([0.01, 0.1], precision="float64", epochs=2000, tolerance=1e-9, regularizers=[
        {"name": "l1", "strengths": [0.01, 0.1]}, {"name": "l2", "strengths": [0.1]},
    ])  # fmt: skip
    runs = plan_runs(spec)[1:]
    events = get_epochs(collect(spec, runs=runs))
    assert {stopping.run for epoch in events for stopping in epoch.stopped} == {0, 1, 2}
    assert len(events) < 1000
    longer = get_epochs(collect(spec.model_copy(update={"tolerance": None, "epochs": 1000}), runs=runs))[-1].metrics
    for epoch in events:
        for stopping in epoch.stopped:
            own = epoch.metrics["train_loss"][stopping.run] + epoch.metrics["penalty"][stopping.run]
            assert own == pytest.approx(longer["train_loss"][stopping.run] + longer["penalty"][stopping.run], rel=1e-9)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"network": {"name": "mlp"}}, "network.name"),
        ({"batch_size": 32}, "batch_size"),
        ({"regularizers": [{"name": "l1", "strengths": [1]}, {"name": "dropout", "strengths": [0]}]}, "regularizers.1"),
        ({"regularizers": [{"name": "l1_subgradient", "strengths": [1]}]}, "regularizers.0"),
        ({"regularizers": [{"name": "weight_decay", "strengths": [1]}]}, "regularizers.0"),
        ({"fixed": [{"name": "max_norm", "strengths": [1]}]}, "fixed.0"),
        ({"precision": "mixed"}, "precision"),
        ({"clip_norm": 1.0}, "clip_norm"),
        ({"schedule": {"name": "cosine"}}, "schedule"),
        ({"dataset": {"name": "digits", "augmentation": {"crop": 1}}}, "dataset.augmentation"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_specs_that_fista_cannot_train_are_refused_with_the_field(changes: dict[str, Any], field: str) -> None:
    spec = make([0.1], **changes)
    for refuse in (check_spec, collect):
        with pytest.raises(InvalidSpecError, match="fista") as caught:
            refuse(spec)
        assert caught.value.field == field
        assert caught.value.expected


@pytest.mark.parametrize("is_centered", [True, False])
@pytest.mark.parametrize("has_intercept", [True, False])
def test_the_curvature_bounds_the_hessian_tightly(has_intercept: bool, is_centered: bool) -> None:
    """In the coordinates of the centered features: H ≤ largest·diag(scale), with equality somewhere."""
    if is_centered and not has_intercept:
        return
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(300, 7, generator=generator, dtype=torch.float64) * torch.logspace(-4, 3, 7) + 5
    x[:, 3] = 2.5
    found = measure_curvature(x, 0.25, has_intercept=has_intercept, is_centered=is_centered)
    own = x - found.center
    scale = found.scale
    if has_intercept:
        own = torch.cat([own, torch.ones(300, 1)], 1)
        scale = torch.cat([scale, torch.tensor([found.intercept])])
    largest = torch.linalg.eigvalsh(found.largest * torch.diag(scale) - 0.25 * own.T @ own / 300)
    relative = largest / (found.largest * scale.max())
    assert relative[0] >= -1e-12
    root = scale.rsqrt()
    assert torch.linalg.eigvalsh(root[:, None] * (0.25 * own.T @ own / 300) * root)[-1] == pytest.approx(found.largest)
