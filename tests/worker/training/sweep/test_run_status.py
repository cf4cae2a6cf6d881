"""Which runs train, and which diverged."""

from __future__ import annotations

import numpy as np
import pytest

from worker.training.stack import StackEpoch
from worker.training.sweep.run_status import RunStatus

NAMES = ("train_loss", "validation_loss", "weight_l2")


def make_epoch(rows: int) -> StackEpoch:
    metrics = {name: np.ones(rows) for name in NAMES}
    return StackEpoch(
        metrics, np.ones((rows, 4), dtype=np.float32), np.full(rows, np.nan), np.ones((rows, 1, 3), np.float32)
    )


@pytest.mark.parametrize("name", [*NAMES, "batch loss"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_run_diverges_with_any_number_that_is_not_finite(name: str, value: float) -> None:
    status, epoch = RunStatus(5), make_epoch(3)
    column = epoch.batch_losses[:, 2] if name == "batch loss" else epoch.metrics[name]
    column[1] = value
    assert status.mark_diverged(np.array([4, 0, 2]), epoch) == [0]
    assert status.alive.tolist() == status.training.tolist() == [False, True, True, True, True]


def test_a_run_diverges_once_and_neither_stopped_runs_nor_copies_do() -> None:
    """The stack's third row fills it up; run 4 has stopped before."""
    status, epoch = RunStatus(5), make_epoch(3)
    status.training[4] = False
    epoch.metrics["train_loss"][:] = np.nan
    assert status.mark_diverged(np.array([4, 0]), epoch) == [0]
    assert status.mark_diverged(np.array([4, 0]), epoch) == []
    assert status.alive.tolist() == [False, True, True, True, True]


def test_a_state_is_a_copy_and_brings_both_masks_back() -> None:
    status, other = RunStatus(3), RunStatus(3)
    status.alive[1] = status.training[1] = status.training[2] = False
    state = status.get_state()
    status.training[:] = False
    other.set_state(state)
    assert (other.alive.tolist(), other.training.tolist()) == ([True, False, True], [True, False, False])
