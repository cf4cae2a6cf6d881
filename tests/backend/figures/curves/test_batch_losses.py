"""Minibatch losses become curves over fractions of epochs."""

from __future__ import annotations

import numpy as np

from backend.figures.curves.batch_losses import spread_batches
from backend.figures.data import RunKey

RUNS = (RunKey(1, "none", 0.0, 0), RunKey(2, "l1", 1e-3, 0))


def test_the_last_step_of_an_epoch_lies_at_its_number() -> None:
    losses = [[np.array([4, 3], dtype=np.float32), np.array([2, 1], dtype=np.float32)], [np.array([9, 8], "f4")]]
    curves = spread_batches(RUNS, losses, None)
    assert curves.x[0].tolist() == [0.5, 1.0, 1.5, 2.0]
    assert curves.metrics["batch_loss"][0].tolist() == [4, 3, 2, 1]
    assert curves.lengths.tolist() == [4, 2]
    assert np.isnan(curves.metrics["batch_loss"][1, 2:]).all()


def test_seconds_are_spread_evenly_within_an_epoch() -> None:
    losses = [[np.array([1, 1], "f4"), np.array([1, 1], "f4")], []]
    curves = spread_batches(RUNS, losses, [[2.0, 3.0], []])
    assert curves.x[0].tolist() == [1.0, 2.0, 2.5, 3.0]


def test_infinite_losses_are_gaps() -> None:
    curves = spread_batches(RUNS[:1], [[np.array([1, np.inf, np.nan], "f4")]], None)
    assert np.isnan(curves.metrics["batch_loss"][0]).tolist() == [False, True, True]
