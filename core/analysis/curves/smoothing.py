"""The exponential moving average of curves with gaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def smooth(curves: NDArray[np.floating], smoothing: float) -> NDArray[np.float64]:
    """Bias-corrected exponential moving average along the last axis, the shape of ``curves``.

    m_t = s·m_{t-1} + (1 - s)·y_t, divided by the same recursion on ones, so that the start is not drawn to 0
    (Kingma & Ba 2015, sec. 3). NaN entries stay NaN and are passed over: they neither count nor end the average.

    Raises ValueError when ``smoothing`` is outside [0, 1).
    """
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must be in [0, 1); received {smoothing:g}")
    if smoothing == 0:
        return np.array(curves, dtype=np.float64)
    rows = np.ascontiguousarray(np.moveaxis(np.asarray(curves, dtype=np.float64), -1, 0))
    present = ~np.isnan(rows)
    values = np.where(present, rows, 0.0)
    mean, weight = np.zeros(rows.shape[1:]), np.zeros(rows.shape[1:])
    result = np.full(rows.shape, np.nan)
    for step, (value, here) in enumerate(zip(values, present, strict=True)):
        kept = np.where(here, smoothing, 1.0)
        mean = kept * mean + (1 - kept) * value
        weight = kept * weight + (1 - kept)
        np.divide(mean, weight, out=result[step, ...], where=here)
    return np.moveaxis(result, 0, -1)
