"""Dropout's noise: drawn once per seed, compared with each run's own keep probability."""

from __future__ import annotations

import torch

from core.planning import plan_runs
from core.spec import PlannedRun
from tests.worker.training.sweeps import make_spec, make_sweep, regularize
from worker.training.regularizers import make_regularizer
from worker.training.rng import Purpose
from worker.training.step.bound_regularizers import BoundRegularizer
from worker.training.step.noise import Noise

CPU = torch.device("cpu")


def make_bound(runs: list[PlannedRun], rows: slice) -> BoundRegularizer:
    strengths = torch.tensor([run.strength for run in runs[rows]])
    return BoundRegularizer(
        "dropout", make_regularizer("dropout", strengths), rows, (), Noise(runs[rows], Purpose.NOISE, CPU)
    )


def make_runs(*cells: tuple[float, int]) -> list[PlannedRun]:
    return [PlannedRun("dropout", strength, seed) for strength, seed in cells]


def test_what_a_strong_dropout_keeps_a_weaker_one_keeps_too() -> None:
    masks = make_bound(make_runs((0.2, 0), (0.7, 0), (0.2, 1)), slice(0, 3)).drop(torch.ones(3, 50, 40))
    kept = masks > 0
    assert (kept[1] <= kept[0]).all()
    assert not torch.equal(kept[0], kept[2])
    for mask, strength in zip(masks, (0.2, 0.7, 0.2), strict=True):
        assert torch.equal(mask.unique(), torch.tensor([0.0, 1 / (1 - strength)]))
        # 2,000 units: four deviations.
        assert abs((mask == 0).double().mean() - strength) < 4 * (strength * (1 - strength) / 2000) ** 0.5


def test_a_run_sees_the_same_noise_in_any_stack() -> None:
    runs = make_runs((0.5, 3), (0.5, 1), (0.1, 2))
    hidden = torch.ones(3, 7, 5)
    together = make_bound(runs, slice(0, 3))
    alone = make_bound(runs[1:2], slice(0, 1))
    for _ in range(3):
        assert torch.equal(together.drop(hidden)[1], alone.drop(hidden[:1])[0])


def test_runs_of_other_regularizers_pass_unchanged() -> None:
    runs = [PlannedRun("l2", 0.1, 0), *make_runs((0.5, 0)), PlannedRun("none", 0.0, 0)]
    hidden = torch.rand(3, 8, 2, 3, 4) + 1
    dropped = make_bound(runs, slice(1, 2)).drop(hidden)
    assert torch.equal(dropped[0], hidden[0])
    assert torch.equal(dropped[2], hidden[2])
    assert (dropped[1] == 0).any()


def test_nothing_is_dropped_in_evaluation() -> None:
    """Before any step the runs of a seed are one network, and evaluate as one."""
    spec = make_spec(regularizers=regularize("dropout", strengths=(0.3, 0.9)))
    sweep = make_sweep(spec)
    loss, *_ = sweep.test()
    assert len(set(loss.tolist())) == 1
    sweep.train_epoch(1)
    assert len(set(sweep.test()[0].tolist())) == len(plan_runs(spec))
