"""Minibatch losses as curves: every step of training, x in epochs or seconds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.figures.data import Curves, RunKey


def spread_batches(
    runs: Sequence[RunKey], losses: Sequence[Sequence[NDArray[np.float32]]], seconds: Sequence[Sequence[float]] | None
) -> Curves:
    """Curves of ``batch_loss``: losses[run][epoch] has one entry per step.

    A step's x is the share of its epoch that is done after it: the last step of epoch 3 lies at 3. With ``seconds``
    (those at the end of each epoch, per run) the steps lie evenly within their epoch's time.
    """
    lines = [_spread(own, None if seconds is None else seconds[i]) for i, own in enumerate(losses)]
    lengths = np.array([x.size for x, _ in lines], dtype=np.int64)
    x, y = (np.full((len(runs), int(lengths.max(initial=0))), np.nan) for _ in range(2))
    for row, (own_x, own_y) in enumerate(lines):
        x[row, : own_x.size], y[row, : own_y.size] = own_x, own_y
    return Curves(tuple(runs), x, {"batch_loss": y}, lengths)


def _spread(
    losses: Sequence[NDArray[np.float32]], seconds: Sequence[float] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not losses:
        return np.empty(0), np.empty(0)
    shares = [epoch + np.arange(1, own.size + 1) / max(own.size, 1) for epoch, own in enumerate(losses)]
    x = np.concatenate(shares)
    if seconds is not None:
        x = np.interp(x, np.arange(len(losses) + 1), np.concatenate([[0.0], np.asarray(seconds)]))
    y = np.concatenate(losses).astype(np.float64)
    return x, np.where(np.isfinite(y), y, np.nan)
