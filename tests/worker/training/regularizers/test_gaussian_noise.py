"""Noise on the inputs: drawn once per seed, scaled by each run's strength, in training alone."""

from __future__ import annotations

import torch
from torch import Tensor

from core.planning import plan_runs
from core.spec import PlannedRun
from tests.worker.training.sweeps import make_spec, make_sweep, regularize
from worker.training.regularizers import make_regularizer
from worker.training.rng import Purpose
from worker.training.step.batch import Batch
from worker.training.step.noise import Noise

CPU = torch.device("cpu")
CELLS = [(0.0, 0), (0.5, 0), (2.0, 0), (2.0, 1)]


def disturb(cells: list[tuple[float, int]], x: Tensor) -> Tensor:
    runs = [PlannedRun("gaussian_noise", strength, seed) for strength, seed in cells]
    regularizer = make_regularizer("gaussian_noise", torch.tensor([strength for strength, _ in cells]))
    batch = Batch(x.clone(), torch.zeros(len(x), x.shape[1], dtype=torch.int64))
    regularizer.alter(batch, slice(0, len(cells)), Noise(runs, Purpose.INPUT, CPU))
    return batch.x


def test_each_strength_scales_the_noise_of_its_seed() -> None:
    x = torch.zeros(4, 100, 5, 4, 1)
    noisy = disturb(CELLS, x)
    assert (noisy[0] == 0).all()
    assert torch.equal(4 * noisy[1], noisy[2])
    assert not torch.equal(noisy[2], noisy[3])
    # 2,000 numbers: the deviation's own is σ/√4000.
    assert abs(noisy[2].std() - 2) < 4 * 2 / 4000**0.5
    assert abs(noisy[2].mean()) < 4 * 2 / 2000**0.5


def test_a_run_sees_the_same_noise_in_any_stack() -> None:
    x = torch.rand(4, 7, 9)
    assert torch.equal(disturb(CELLS, x)[3], disturb(CELLS[3:], x[3:])[0])


def test_the_examples_themselves_are_never_changed() -> None:
    """Of a full batch too, which all runs may share."""
    for batch_size in (16, "full"):
        spec = make_spec(regularizers=regularize("gaussian_noise", "mixup", strengths=(0.5,)), batch_size=batch_size)
        sweep = make_sweep(spec)
        before = sweep.data.train.x.clone()
        sweep.train_epoch(1)
        assert torch.equal(sweep.data.train.x, before)


def test_nothing_is_disturbed_in_evaluation() -> None:
    """Before any step the runs of a seed are one network, and evaluate as one."""
    spec = make_spec(regularizers=regularize("gaussian_noise", strengths=(0.3, 3.0)))
    sweep = make_sweep(spec)
    assert len(set(sweep.test()[0].tolist())) == 1
    sweep.train_epoch(1)
    assert len(set(sweep.test()[0].tolist())) == len(plan_runs(spec))


def test_on_a_linear_regression_noise_acts_as_ridge() -> None:
    """E ½(y − w·(x + σε))² is ½(y − w·x)² + σ²·½‖w‖²: Bishop 1995, exact where the model is linear."""
    generator = torch.Generator().manual_seed(0)
    w = torch.randn(5, generator=generator, dtype=torch.float64)
    x, strengths = torch.zeros(2, 200_000, 5), [0.5, 2.0]
    noisy = disturb([(strength, 0) for strength in strengths], x).double()
    for run, strength in enumerate(strengths):
        losses = (1 - noisy[run] @ w).square() / 2
        expected = 0.5 + strength**2 * w.square().sum() / 2
        assert abs(losses.mean() - expected) < 4 * losses.std() / len(losses) ** 0.5
