"""File formats of image data sets, read without executing anything in them."""

from __future__ import annotations

import gzip
import io
import math
import pickle
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The constructors that a pickled array calls, one of them by its old name or its new one.
_RECONSTRUCT = np.empty(0).__reduce__()[0]
_ALLOWED = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
}


def read_idx(path: Path) -> NDArray[np.uint8]:
    """An array of bytes in the idx format of LeCun's MNIST page: two zeros, type 8, number of dimensions, sizes, data.

    Reads ``path`` with .gz behind it where there is no ``path``. Raises OSError, and ValueError where it is not idx.
    """
    data = path.read_bytes() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes())
    if len(data) < 4 or data[:3] != b"\x00\x00\x08" or len(data) < 4 + 4 * data[3]:
        raise ValueError(f"expected {path.name} to be an idx file of bytes; received {data[:4].hex() or 'nothing'}")
    shape = struct.unpack_from(f">{data[3]}I", data, 4)
    start = 4 + 4 * data[3]
    if len(data) - start != math.prod(shape):
        raise ValueError(f"expected {math.prod(shape)} bytes of data in {path.name}; received {len(data) - start}")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


class _BatchUnpickler(pickle.Unpickler):
    """A pickle can call any function; this one allows those that make an array of numbers, and no other."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("_codecs", "encode"):
            return _encode
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which no batch of CIFAR-10 does") from None


def _encode(text: str, _encoding: str) -> bytes:
    # How Python 3 writes bytes in the protocol that the batches are in; the encoding is always this one.
    return text.encode("latin1")


def read_cifar_batch(data: bytes) -> tuple[NDArray[np.uint8], list[int]]:
    """Images (examples, 32, 32, 3) and classes of one batch as published: a pickled dictionary of rows R…G…B….

    Raises ValueError or pickle.UnpicklingError where it is anything else.
    """
    content = _BatchUnpickler(io.BytesIO(data), encoding="latin1").load()
    rows, labels = (content.get("data"), content.get("labels")) if isinstance(content, dict) else (None, None)
    if not isinstance(rows, np.ndarray) or rows.dtype != np.uint8 or rows.shape[1:] != (3072,):
        raise ValueError("expected rows of 3072 bytes in a batch of CIFAR-10")
    if not isinstance(labels, list) or len(labels) != len(rows) or not all(isinstance(n, int) for n in labels):
        raise ValueError(f"expected {len(rows)} classes beside the rows of a batch of CIFAR-10")
    return rows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels
