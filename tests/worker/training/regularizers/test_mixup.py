"""Mixup: one γ a batch from Beta(α, α), the same uniform number and order at every strength of a seed."""

from __future__ import annotations

import pytest
import torch
from scipy import stats
from torch import Tensor

from core.planning import plan_runs
from core.spec import PlannedRun
from tests.worker.training.reference_training import train_reference
from tests.worker.training.sweeps import make_spec, make_sweep, regularize, train_sweep
from worker.training.regularizers import make_regularizer
from worker.training.rng import Purpose
from worker.training.step.batch import Batch
from worker.training.step.noise import Noise

CPU = torch.device("cpu")
CELLS = [(0.0, 0), (0.2, 0), (1.0, 0), (1.0, 1), (8.0, 0)]


def blend(
    cells: list[tuple[float, int]], steps: int = 1, rows: slice | None = None, dtype: torch.dtype = torch.float64
) -> list[Batch]:
    """Batches of 6 examples: of example i, x is (i, 10·i) in each run and y is i."""
    runs = [PlannedRun("mixup", strength, seed) for strength, seed in cells]
    regularizer = make_regularizer("mixup", torch.tensor([strength for strength, _ in cells], dtype=dtype))
    noise = Noise(runs, Purpose.MIXUP, CPU)
    rows = rows or slice(0, len(cells))
    batches = []
    for _ in range(steps):
        y = torch.arange(6.0, dtype=torch.float64).repeat(max(len(cells), rows.stop), 1)
        batches.append(Batch(torch.stack([y, 10 * y], dim=-1), y.clone()))
        regularizer.alter(batches[-1], rows, noise)
    return batches


def get_blend(batch: Batch) -> tuple[Tensor, Tensor]:
    """γ (R, 1) and the second targets (R, B)."""
    assert batch.share is not None
    assert batch.second is not None
    return batch.share, batch.second


def get_shares(batches: list[Batch]) -> Tensor:
    """γ (steps, R)."""
    return torch.stack([get_blend(batch)[0][:, 0] for batch in batches])


def test_examples_and_targets_are_blended_alike() -> None:
    for batch in blend(CELLS, steps=5):
        share, second = get_blend(batch)
        expected = share * batch.y + (1 - share) * second
        torch.testing.assert_close(batch.x[..., 0], expected, rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(batch.x[..., 1], 10 * expected, rtol=1e-12, atol=1e-12)
        assert torch.equal(second.sort(dim=1).values, batch.y)


def test_mixup_at_strength_0_blends_nothing() -> None:
    for batch in blend(CELLS, steps=5):
        assert get_blend(batch)[0][0] == 1
        assert torch.equal(batch.x[0, :, 0], batch.y[0])


def test_runs_of_a_seed_share_the_order_and_the_quantile() -> None:
    batches = blend(CELLS, steps=50)
    for batch in batches:
        _, second = get_blend(batch)
        for other in (1, 2, 4):
            assert torch.equal(second[other], second[0])
    shares = get_shares(batches)
    quantiles = [stats.beta.cdf(shares[:, row], CELLS[row][0], CELLS[row][0]) for row in (2, 4)]
    assert quantiles[0] == pytest.approx(quantiles[1], abs=1e-9)
    assert not torch.equal(shares[:, 2], shares[:, 3])
    # The stronger, the nearer a half.
    assert ((shares[:, 4] - 0.5).abs() <= (shares[:, 2] - 0.5).abs()).all()
    assert ((shares[:, 2] - 0.5).abs() <= (shares[:, 1] - 0.5).abs()).all()


@pytest.mark.parametrize("strength", [0.2, 1.0, 8.0])
def test_shares_have_the_beta_distribution(strength: float) -> None:
    shares = get_shares(blend([(strength, 5)], steps=2000))[:, 0]
    assert stats.kstest(shares.numpy(), stats.beta(strength, strength).cdf).pvalue > 1e-3


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("strength", [1e-300, 1e-30, 1e-5, 1e6, 1e300])
def test_shares_are_shares_at_any_strength(strength: float, dtype: torch.dtype) -> None:
    shares = get_shares(blend([(strength, seed) for seed in range(50)], dtype=dtype))
    assert ((shares >= 0) & (shares <= 1)).all()


def test_a_run_draws_the_same_in_any_stack() -> None:
    together, alone = blend(CELLS, steps=3), blend(CELLS[3:4], steps=3)
    for whole, part in zip(together, alone, strict=True):
        assert torch.equal(whole.x[3], part.x[0])


def test_other_rows_stay_as_they_are() -> None:
    (batch,) = blend([(1.0, 0)], rows=slice(1, 2))
    assert torch.equal(batch.x[0, :, 0], batch.y[0])
    assert get_blend(batch)[0][0] == 1


def test_a_regression_trains_as_plain_pytorch() -> None:
    spec = make_spec(
        dataset={"name": "diabetes", "train_examples": 40},
        regularizers=regularize("mixup", strengths=(0.0, 0.3, 2.0)),
        precision="float64",
    )
    for run, trained in zip(plan_runs(spec), train_sweep(spec), strict=True):
        torch.testing.assert_close(trained, train_reference(spec, run), rtol=1e-9, atol=1e-12)


def test_the_batch_loss_is_of_the_blend_and_evaluation_of_the_examples() -> None:
    spec = make_spec(regularizers=regularize("mixup", strengths=(0.0, 8.0)), epochs=1)
    sweep = make_sweep(spec)
    before = sweep.test()[0]
    assert len(set(before.tolist())) == 1
    losses = sweep.train_epoch(1).batch_losses
    assert losses[0, 0] == losses[1, 0] != losses[2, 0]
