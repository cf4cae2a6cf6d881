"""Plotly's typed arrays."""

from __future__ import annotations

import base64

import numpy as np
from numpy.typing import ArrayLike, NDArray

Typed = dict[str, str]

_MAX_I2 = 32_767


def encode(values: NDArray[np.floating]) -> Typed:
    """Numbers as little-endian float32 in base64; NaN, a gap, where not finite."""
    return _pack(round_single(values), "f4")


def round_single(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """The numbers as float32, NaN where not finite: as the page has them."""
    with np.errstate(over="ignore"):
        single = np.asarray(values, dtype="<f4")
    return np.where(np.isfinite(single), single, np.float32(np.nan))


def encode_exact(values: ArrayLike) -> Typed:
    """Numbers as float64, for few numbers that may be close together."""
    return _pack(np.asarray(values, dtype="<f8"), "f8")


def encode_x(values: NDArray[np.floating]) -> Typed:
    """Epochs as int16 or int32; other numbers as float32.

    A NaN, the gap between two lines, becomes 0: its y is NaN, so nothing is drawn there.
    """
    filled = np.nan_to_num(values, nan=0.0)
    if np.any(filled != np.rint(filled)):
        return _pack(filled.astype("<f4"), "f4")
    small = not filled.size or filled.max() <= _MAX_I2
    return _pack(filled.astype("<i2" if small else "<i4"), "i2" if small else "i4")


def decode(array: Typed) -> NDArray[np.float64]:
    """The numbers in an encoded array, as float64."""
    kind = np.dtype(array["dtype"]).newbyteorder("<")
    return np.frombuffer(base64.b64decode(array["bdata"]), dtype=kind).astype(np.float64)


def _pack(values: NDArray[np.generic], dtype: str) -> Typed:
    return {"dtype": dtype, "bdata": base64.b64encode(values.tobytes()).decode("ascii")}
