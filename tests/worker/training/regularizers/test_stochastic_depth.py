"""Stochastic depth's noise: drawn once per seed for each example, compared with each run's own keep probability."""

from __future__ import annotations

import torch
from torch import Tensor
from torchvision.ops import stochastic_depth

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
    noise = Noise(runs[rows], Purpose.DEPTH, CPU)
    return BoundRegularizer("stochastic_depth", make_regularizer("stochastic_depth", strengths), rows, (), noise)


def make_runs(*cells: tuple[float, int]) -> list[PlannedRun]:
    return [PlannedRun("stochastic_depth", strength, seed) for strength, seed in cells]


def skip(bound: BoundRegularizer, block: int, blocks: int, runs: int) -> Tensor:
    """The factor of each example's branch, (runs, examples); each branch is kept or left out as a whole."""
    skipped = bound.skip(torch.ones(runs, 4000, 2, 2, 3), block, blocks).flatten(2)
    assert (skipped == skipped[:, :, :1]).all()
    return skipped[:, :, 0]


def test_blocks_are_left_out_the_more_the_deeper() -> None:
    runs = make_runs((0.0, 0), (0.2, 0), (0.8, 0), (0.8, 1))
    bound = make_bound(runs, slice(0, 4))
    for block in range(1, 5):
        factors = skip(bound, block, 4, 4)
        for run, own in zip(runs, factors, strict=True):
            p = run.strength * block / 4
            kept = torch.tensor([1 / (1 - p)]) if p == 0 else torch.tensor([0.0, 1 / (1 - p)])
            torch.testing.assert_close(own.unique(), kept)
            # 4,000 examples: four deviations.
            assert abs((own == 0).double().mean() - p) <= 4 * (p * (1 - p) / 4000) ** 0.5
        # What a strong one keeps, a weaker one keeps too.
        assert ((factors[2] > 0) <= (factors[1] > 0)).all()
        assert not torch.equal(factors[2], factors[3])


def test_each_example_is_drawn_by_itself_as_torchvisions_row_mode() -> None:
    branch = torch.rand(1, 4000, 2, 2, 3) + 1
    ours = make_bound(make_runs((0.6, 0)), slice(0, 1)).skip(branch, 2, 3)[0]
    torch.manual_seed(0)
    theirs = stochastic_depth(branch[0], 0.4, "row")
    for skipped in (ours, theirs):
        kept = skipped.flatten(1)[:, 0] > 0
        torch.testing.assert_close(skipped[kept], branch[0, kept] / 0.6)
        assert (skipped[~kept] == 0).all()
        assert abs((~kept).double().mean() - 0.4) < 4 * (0.24 / 4000) ** 0.5


def test_a_run_sees_the_same_noise_in_any_stack_and_others_pass_unchanged() -> None:
    runs = [PlannedRun("l2", 0.1, 0), *make_runs((0.5, 3), (0.5, 1)), PlannedRun("none", 0.0, 0)]
    branch = torch.rand(4, 9, 2, 2, 3) + 1
    together, alone = make_bound(runs, slice(1, 3)), make_bound(runs[2:3], slice(0, 1))
    for block in (1, 2, 3):
        skipped = together.skip(branch, block, 3)
        assert torch.equal(skipped[2], alone.skip(branch[2:3], block, 3)[0])
        assert torch.equal(skipped[0], branch[0])
        assert torch.equal(skipped[3], branch[3])


def test_nothing_is_left_out_in_evaluation() -> None:
    """Before any step the runs of a seed are one network, and evaluate as one."""
    spec = make_spec("resnet", regularizers=regularize("stochastic_depth", strengths=(0.3, 0.9)))
    sweep = make_sweep(spec)
    assert len(set(sweep.test()[0].tolist())) == 1
    sweep.train_epoch(1)
    assert len(set(sweep.test()[0].tolist())) == len(plan_runs(spec))
