"""Typed arrays decode to the numbers that went in."""

from __future__ import annotations

import base64
import struct

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backend.figures.typed_arrays import decode, encode, encode_x

SINGLE = arrays(np.float32, st.integers(0, 40), elements=st.floats(width=32, allow_nan=True))


@given(SINGLE)
def test_numbers_come_back_and_what_is_not_finite_is_a_gap(values: np.ndarray) -> None:
    expected = np.where(np.isfinite(values), values.astype(np.float64), np.nan)
    np.testing.assert_array_equal(decode(encode(values)), expected)


def test_numbers_beyond_single_precision_are_gaps_without_a_warning() -> None:
    assert np.isnan(decode(encode(np.array([1e39, -1e39])))).all()


def test_bytes_are_little_endian_float32() -> None:
    encoded = encode(np.array([1.5, -2.25]))
    assert encoded["dtype"] == "f4"
    assert struct.unpack("<2f", base64.b64decode(encoded["bdata"])) == (1.5, -2.25)


def test_epochs_take_two_bytes_as_long_as_they_fit() -> None:
    assert encode_x(np.array([1.0, 32_767.0]))["dtype"] == "i2"
    long = encode_x(np.array([1.0, 32_768.0]))
    assert long["dtype"] == "i4"
    assert decode(long).tolist() == [1.0, 32_768.0]


def test_seconds_keep_their_fraction() -> None:
    encoded = encode_x(np.array([0.25, 1.5]))
    assert encoded["dtype"] == "f4"
    assert decode(encoded).tolist() == [0.25, 1.5]
