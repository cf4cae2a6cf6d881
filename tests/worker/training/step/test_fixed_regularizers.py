"""Regularizers that act on every run of a sweep, the baseline included."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.reference_training import train_reference
from tests.worker.training.sweeps import NEUTRAL, REGULARIZERS, make_spec, make_sweep, regularize, train_sweep

EXACT: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-12}
DROPOUT = {"name": "dropout", "strengths": [0.0, 0.2, 0.5]}


def fix(*names: str, strength: float = 0.03) -> dict[str, Any]:
    return {"fixed": regularize(*names, strengths=(strength,))}


def choose_network(*names: str) -> str:
    """One that the regularizers act on."""
    return "resnet" if "stochastic_depth" in names else "mlp"


def check_against_alone(spec: ExperimentSpec) -> None:
    runs = plan_runs(spec)
    for run, trained in zip(runs, train_sweep(spec, runs, 64), strict=True):
        alone = train_reference(spec, run)
        assert torch.allclose(trained, alone, **EXACT), (run, (trained - alone).abs().max())


@pytest.mark.parametrize("network", ["linear", "mlp", "cnn"])
@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_l2_under_a_dropout_sweep_is_plain_pytorchs(network: str, optimizer: str) -> None:
    spec = make_spec(network, optimizer, **fix("l2", strength=1e-4), regularizers=[DROPOUT], precision="float64")
    check_against_alone(spec)
    free = spec.model_copy(update={"fixed": []})
    for fixed, plain in zip(train_sweep(spec), train_sweep(free), strict=True):
        assert not torch.allclose(fixed, plain, **EXACT)


@pytest.mark.parametrize("name", REGULARIZERS)
def test_every_pair_trains_as_plain_pytorch(name: str) -> None:
    """Each one fixed, every other one swept: in which order they act is the order of their definitions, not chance."""
    others = [other for other in REGULARIZERS if other != name]
    spec = make_spec(
        choose_network(name),
        **fix(name, strength=0.2),
        regularizers=regularize(*others, strengths=(0.03,)),
        precision="float64",
        epochs=2,
    )
    check_against_alone(spec)


@pytest.mark.parametrize("name", REGULARIZERS)
def test_fixed_it_does_to_the_baseline_what_swept_it_does_to_a_run(name: str) -> None:
    network = choose_network(name)
    (fixed,) = train_sweep(make_spec(network, **fix(name, strength=0.2), regularizers=[]))
    baseline, swept = train_sweep(make_spec(network, regularizers=regularize(name, strengths=(0.2,))))
    assert torch.equal(fixed, swept)
    assert not torch.equal(fixed, baseline)


@pytest.mark.parametrize("name", REGULARIZERS)
def test_fixed_with_no_strength_it_changes_nothing(name: str) -> None:
    swept = [other for other in ("l1", "dropout", "mixup", "sam") if other != name]
    network, regularizers = choose_network(name), regularize(*swept, strengths=(0.1,))
    with_it = train_sweep(make_spec(network, **fix(name, strength=NEUTRAL.get(name, 0.0)), regularizers=regularizers))
    without = train_sweep(make_spec(network, regularizers=regularizers))
    for one, other in zip(with_it, without, strict=True):
        assert torch.equal(one, other)


def test_a_fixed_l1_and_a_swept_group_lasso_have_one_proximal_map() -> None:
    for optimizer in ("sgd", "adam"):
        swept = regularize("group_lasso", strengths=(0.0, 0.01, 0.1))
        check_against_alone(
            make_spec("mlp", optimizer, **fix("l1", strength=0.005), regularizers=swept, precision="float64")
        )


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_two_elastic_nets_and_a_group_lasso_have_one_proximal_map(optimizer: str) -> None:
    """Each divides by 1 + ηλ(1 − a): the next one counts that, weight by weight."""
    fixed = [{"name": "elastic_net", "mixing": a, "strengths": [0.3]} for a in (0.0, 0.4)]
    swept = [*regularize("elastic_net", "l1", strengths=(0.02,)), *regularize("group_lasso", strengths=(0.003, 0.03))]
    check_against_alone(make_spec("mlp", optimizer, fixed=fixed, regularizers=swept, precision="float64"))


@pytest.mark.parametrize("penalize_biases", [False, True])
def test_the_penalty_that_is_measured_is_the_sum(penalize_biases: bool) -> None:
    spec = make_spec(
        **fix("l2", "l1", strength=0.1),
        regularizers=[{"name": "tensor_norm", "p": 2, "strengths": [0.5]}, DROPOUT],
        precision="float64",
        epochs=1,
        penalize_biases=penalize_biases,
    )
    sweep = make_sweep(spec)
    penalties = sweep.train_epoch(1).metrics["penalty"]
    for run, penalty, parameters in zip(plan_runs(spec), penalties, sweep.read_parameters(), strict=True):
        tensors: list[Tensor] = [t for n, t in parameters.items() if penalize_biases or n.endswith("weight")]
        expected = 0.1 * sum((t**2).sum() / 2 + t.abs().sum() for t in tensors)
        if run.regularizer != "dropout":
            expected += run.strength * sum(t.norm() for t in tensors)
        assert penalty == pytest.approx(float(expected), rel=1e-9)
