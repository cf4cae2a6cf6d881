"""Stacks are made anew from the runs that still train, whose results do not change by a bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.planning import plan_runs
from core.spec import ExperimentSpec
from tests.worker.training.sweeps import NETWORKS, OPTIMIZERS, make_spec, make_sweep, regularize
from worker.training import METRICS
from worker.training.sweep import Sweep, SweepEpoch
from worker.training.sweep.compaction import is_worthwhile

MEASURED = sorted(set(METRICS) - {"learning_rate", "seconds"})
# What keeps something from one epoch to the next: noise of its own, batch normalization, a schedule.
STRENGTHS = (0.0, 0.01, 0.1, 0.4)
HALVED: dict[str, Any] = {"halving": {"at": [1, 3], "keep": 0.4}, "epochs": 5, "seeds": 2}


def train(sweep: Sweep, epochs: int) -> tuple[list[SweepEpoch], list[list[int]], list[list[dict[str, Tensor]]]]:
    """Epoch by epoch: what it reports, its stacks after it, and the parameters."""
    results, sizes, parameters = [], [], []
    for epoch in range(1, epochs + 1):
        results.append(sweep.train_epoch(epoch))
        sizes.append(sweep.stacks.sizes)
        parameters.append(sweep.read_parameters())
    return results, sizes, parameters


def check(spec: ExperimentSpec, stack_size: int | None) -> list[list[int]]:
    """Against the same sweep without halving, whose stacks stay as they are; the sizes of the stacks."""
    halved, whole = make_sweep(spec, stack_size=stack_size), make_sweep(spec.model_copy(update={"halving": None}))
    results, sizes, parameters = train(halved, spec.epochs)
    references, others, tensors = train(whole, spec.epochs)
    assert others[0] == others[-1]
    end = np.full(len(plan_runs(spec)), spec.epochs)
    for number, (result, reference) in enumerate(zip(results, references, strict=True), start=1):
        rows = end >= number
        for name in MEASURED:
            assert np.array_equal(result.metrics[name][rows], reference.metrics[name][rows], equal_nan=True), name
        assert np.array_equal(result.batch_losses[rows], reference.batch_losses[rows])
        end[[stopping.run for stopping in result.stopped]] = number
        for run, read in enumerate(parameters[number - 1]):
            own = tensors[min(end[run], number) - 1][run]
            assert all(torch.equal(tensor, own[name]) for name, tensor in read.items())
    assert np.array_equal(halved.test()[0][end == spec.epochs], whole.test()[0][end == spec.epochs])
    assert len(set(end.tolist())) == 3
    return sizes


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_goes_on_from_where_it_stood(optimizer: str) -> None:
    names = ("l1", "l2", "dropout", "elastic_net")
    spec = make_spec("mlp", optimizer, regularizers=regularize(*names, strengths=STRENGTHS), **HALVED)
    sizes = check(spec, None)
    assert [sum(rows) for rows in sizes] == [2 + 4 * 2 * 2, 2 + 4 * 2 * 2, *[2 + 4 * 2] * 3]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("stack_size", [1, 3, 7])
def test_every_network_goes_on_in_stacks_of_any_size(network: str, stack_size: int) -> None:
    """With everything that draws noise; a step's own noise goes on where it was, whichever runs are gone."""
    noisy = [name for name in ("dropout", "mixup", "gaussian_noise", "stochastic_depth", "sam") if _acts(name, network)]
    schedule = {"name": "cosine", "warmup_epochs": 1}
    options = HALVED | {"schedule": schedule, "fixed": [{"name": "gaussian_noise", "strengths": [0.1]}]}
    regularizers = regularize(*(name for name in noisy if name != "gaussian_noise"), strengths=STRENGTHS)
    sizes = check(make_spec(network, "momentum", regularizers=regularizers, **options), stack_size)
    assert len(sizes[-1]) < len(sizes[0]) or sum(sizes[-1]) < sum(sizes[0])


def test_fista_goes_on_with_its_own_steps() -> None:
    """Each run has its own length of step and its own momentum."""
    regularizers = regularize("l1", "l2", "elastic_net", strengths=STRENGTHS)
    options = HALVED | {"optimizer": {"name": "fista"}, "batch_size": "full", "precision": "float64"}
    sizes = check(make_spec("linear", regularizers=regularizers, **options), 5)
    assert sum(sizes[-1]) < sum(sizes[0])


def _acts(name: str, network: str) -> bool:
    return name != "stochastic_depth" or network == "resnet"


def test_augmented_images_continue_in_new_stacks() -> None:
    dataset = make_spec().dataset.model_dump() | {"augmentation": {"crop": 1, "flip": True, "cutout": 2}}
    spec = make_spec("cnn", dataset=dataset, regularizers=regularize("l2", strengths=STRENGTHS), **HALVED)
    sizes = check(spec, 4)
    assert len(sizes[-1]) < len(sizes[0])


def test_diverged_runs_leave_the_stack_and_change_no_other_run() -> None:
    """λ = 1000 diverges after some epochs; four runs of ten go."""
    l2 = {"name": "l2", "strengths": [0.0, 0.01, 1000.0, 2000.0]}
    options: dict[str, Any] = {"epochs": 12, "seeds": 2}
    spec = make_spec(optimizer_name="momentum", regularizers=[l2], **options)
    calm = make_spec(optimizer_name="momentum", regularizers=[l2 | {"strengths": [0.0, 0.01]}], **options)
    sweep, other = make_sweep(spec), make_sweep(calm)
    for epoch in range(1, 13):
        result, reference = sweep.train_epoch(epoch), other.train_epoch(epoch)
        for name in MEASURED:
            assert np.array_equal(result.metrics[name][:6], reference.metrics[name], equal_nan=True)
    assert (sweep.stacks.sizes, other.stacks.sizes) == ([6], [6])
    assert np.array_equal(sweep.test()[0], np.append(other.test()[0], [np.nan] * 4), equal_nan=True)
    assert len({frozenset(tensors) for tensors in sweep.read_parameters()}) == 1


def test_one_run_less_among_many_is_not_worth_it_and_its_weights_stay_what_they_were() -> None:
    """The row trains on until the stack is made anew, but nobody reads it."""
    regularizers = regularize("l2", strengths=[i / 100 for i in range(15)])
    spec = make_spec("linear", regularizers=regularizers, halving={"at": [1, 2, 3, 4, 5], "keep": 0.9}, epochs=7)
    sweep = make_sweep(spec)
    ended: dict[int, dict[str, Tensor]] = {}
    sizes = []
    for epoch in range(1, 8):
        result = sweep.train_epoch(epoch)
        parameters = sweep.read_parameters()
        ended |= {stopping.run: parameters[stopping.run] for stopping in result.stopped}
        for run, tensors in ended.items():
            assert all(torch.equal(parameters[run][name], tensor) for name, tensor in tensors.items())
        sizes.append(sum(sweep.stacks.sizes))
    assert len(ended) == 5
    assert sizes == sorted(sizes, reverse=True)
    assert 1 < len(set(sizes)) < 5


def test_a_stack_is_not_made_smaller_than_the_smallest() -> None:
    changes: dict[str, Any] = {"halving": {"at": [1], "keep": 0.5}, "network": {"name": "mlp", "widths": [1]}}
    spec = make_spec(regularizers=regularize("l2", strengths=(0.0, 0.1)), epochs=3, **changes)
    sweep = make_sweep(spec, stack_size=1)
    assert sweep.stacks.sizes == [2, 2, 2]
    sweep.train_epoch(1)
    assert sweep.stacks.sizes == [2, 2]
    stacks: list[Any] = [(np.array([0, 1]), type("", (), {"runs": range(8)}))]
    assert not is_worthwhile(stacks, 8)
    assert is_worthwhile(stacks, 7)
