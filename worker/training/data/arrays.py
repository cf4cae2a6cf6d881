"""The arrays of a data set, before the split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Arrays:
    """``x``: (examples, *shape), images as (H, W, C); ``y``: int64 classes, or float64 numbers of a regression.

    ``own_test``: how many of the last examples are the data set's own test set; None where there is none.
    ``by_channel``: standardize images by channel, since a border pixel's own deviation is next to nothing.
    """

    x: NDArray[Any]
    y: NDArray[Any]
    classes: int | None
    own_test: int | None = None
    by_channel: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self.x.shape[1:]
        return shape


def count_classes(y: NDArray[np.int64]) -> int:
    return int(y.max()) + 1
