"""Training, validation and test examples, standardized and on the device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.catalogue.datasets import split_sizes
from core.spec import DatasetSpec
from worker.training.data.arrays import Arrays

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Examples:
    """``x``: (examples, *shape); ``y``: (examples,), int64 classes or numbers in x's dtype."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Dataset:
    """``classes``: None for a regression. ``shape``: one example's, (features,) or (H, W, C)."""

    train: Examples
    validation: Examples
    test: Examples
    shape: tuple[int, ...]
    classes: int | None


def split_examples(spec: DatasetSpec, examples: int, own_test: int | None) -> tuple[Indices, Indices, Indices]:
    """Indices of training, validation and test examples; sizes as ``core.catalogue`` counts them.

    One permutation by ``split_seed``: test examples first, then validation, then training, so that a smaller
    ``train_examples`` is a prefix of a larger one and leaves the other two as they are. A data set's own test
    examples are its last ``own_test`` ones, and stay that.
    """
    mixed = examples - (own_test or 0)
    sizes = split_sizes(spec, mixed, own_test)
    order = np.random.default_rng(spec.split_seed).permutation(mixed)
    if own_test is None:
        test, order = order[: sizes.test], order[sizes.test :]
    else:
        test = np.arange(mixed, examples)
    validation, train = order[: sizes.validation], order[sizes.validation :]
    return train[: sizes.train], validation, test


def prepare(spec: DatasetSpec, arrays: Arrays, dtype: torch.dtype, device: torch.device) -> Dataset:
    """Split and, if the spec says so, standardize by mean and deviation of the training examples.

    Each feature by its own (as scikit-learn's StandardScaler), images from torchvision each channel by its own; a
    regression's target too, so that ½ squared error is in units of the target's variance and a learning rate that
    suits one data set suits another. What does not vary is only centred. Not standardized, uint8 images are scaled
    to [0, 1] and targets stay as they are.
    """
    parts = split_examples(spec, len(arrays.y), arrays.own_test)
    xs = [_scale(arrays.x[part]) for part in parts]
    ys = [arrays.y[part] for part in parts]
    if spec.standardize:
        xs = _standardize(xs, tuple(range(arrays.x.ndim - 1)) if arrays.by_channel else (0,))
        ys = ys if arrays.classes is not None else _standardize(ys, (0,))
    target = dtype if arrays.classes is None else torch.int64
    train, validation, test = (
        Examples(torch.as_tensor(x).to(device, dtype), torch.as_tensor(y).to(device, target))
        for x, y in zip(xs, ys, strict=True)
    )
    return Dataset(train, validation, test, arrays.shape, arrays.classes)


def _scale(x: NDArray[Any]) -> NDArray[Any]:
    return x.astype(np.float32) / np.float32(255) if x.dtype == np.uint8 else x.astype(np.float64)


def _standardize(parts: list[NDArray[Any]], axes: tuple[int, ...]) -> list[NDArray[Any]]:
    """``parts``: training examples first; float32 and float64 stay what they are."""
    train = parts[0]
    mean = train.mean(axis=axes, dtype=np.float64)
    deviation = train.std(axis=axes, dtype=np.float64)
    # A constant column's computed deviation is round-off, not always exactly 0.
    deviation = np.where(deviation > 1e-12 * np.maximum(1, abs(mean)), deviation, 1.0)
    return [(part - mean.astype(part.dtype)) / deviation.astype(part.dtype) for part in parts]
