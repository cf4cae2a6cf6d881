"""Training, validation and test examples, standardized and on the device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.catalogue.datasets import check_split, split_sizes
from core.spec import DatasetSpec, FixedSplit, Folds
from core.spec.split import RowsKey
from worker.training.data.arrays import Arrays

Indices = NDArray[np.intp]
# Of the generator of label noise, so that it is another than the split's.
_LABEL_NOISE = 1


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


def split_examples(
    spec: DatasetSpec, examples: int, own_test: int | None, key: RowsKey = (0, 0)
) -> tuple[Indices, Indices, Indices]:
    """Indices of training, validation and test examples; sizes as ``core.catalogue`` counts them.

    One permutation by ``split_seed``: test examples first, then validation, then training, so that a smaller
    ``train_examples`` is a prefix of a larger one and leaves the other two as they are. In order, training examples
    come first and test examples last. Of folds the test examples are those of the fixed split, and one fold of the
    others validates. A data set's own test examples are its last ``own_test`` ones, and stay that. With
    ``use_all_rows`` each part is all others, in order. ``spec``, ``key``: as ``prepare``. Raises InvalidSpecError where
    there are not as many examples as ``spec`` asks for.
    """
    mixed = examples - (own_test or 0)
    check_split(spec, mixed, own_test)
    if spec.use_all_rows:
        rows = np.arange(mixed)
        return rows, rows, rows
    sizes = split_sizes(spec, mixed, own_test)
    taken = sizes.test if own_test is None else 0
    test, rest = _part_test(spec, mixed, taken)
    if own_test is not None:
        test = np.arange(mixed, mixed + sizes.test)
    if isinstance(spec.split, Folds):
        train, validation = _take_fold(spec, spec.split, rest, key)
    elif spec.split == FixedSplit(name="fixed", shuffled=False):
        available = len(rest) - sizes.validation
        train, validation = rest[:available], rest[available:]
    else:
        validation, train = rest[: sizes.validation], rest[sizes.validation :]
    return train[: spec.train_examples], validation, test


def _part_test(spec: DatasetSpec, mixed: int, size: int) -> tuple[Indices, Indices]:
    """Test rows, and the others in the order in which they are split further."""
    if isinstance(spec.split, FixedSplit | Folds) and not spec.split.shuffled:
        rows = np.arange(mixed)
        return rows[mixed - size :], rows[: mixed - size]
    order = np.random.default_rng(spec.split_seed).permutation(mixed)
    return order[:size], np.sort(order[size:]) if isinstance(spec.split, Folds) else order[size:]


def _take_fold(spec: DatasetSpec, folds: Folds, rows: Indices, key: RowsKey) -> tuple[Indices, Indices]:
    """Training and validation rows, as scikit-learn's KFold parts ``rows``; shuffled, training rows are in that order.

    So fewer training examples are drawn at random too.
    """
    seed, fold = key
    order = np.arange(len(rows))
    if folds.shuffled:
        # The generator that scikit-learn's random_state makes of a number.
        np.random.RandomState(spec.split_seed + seed).shuffle(order)
    parts = np.array_split(order, folds.k)
    train = np.concatenate([*parts[:fold], *parts[fold + 1 :]])
    return rows[train], rows[np.sort(parts[fold])]


def prepare(
    spec: DatasetSpec, arrays: Arrays, dtype: torch.dtype, device: torch.device, key: RowsKey = (0, 0)
) -> Dataset:
    """Split, and if the spec says so standardize by mean and deviation of the training examples.

    Each feature by its own (as scikit-learn's StandardScaler), images from torchvision each channel by its own; a
    regression's target too unless the spec says otherwise, so that ½ squared error is in units of the target's variance
    and a learning rate that suits one data set suits another. Constant features are only centered. Not standardized,
    features are divided by ``divide_by``; without one, uint8 images are scaled to [0, 1] and other features stay as
    they are, and so does the target. With ``use_all_rows`` the three parts are one. ``label_noise`` concerns training
    labels only. ``spec``: as of ``DatasetSpec.resolve_seed``; ``key``: of the replicates that have these rows.
    """
    parts = split_examples(spec, len(arrays.y), arrays.own_test, key)
    distinct = parts[:1] if spec.use_all_rows else parts
    xs = [_scale(arrays.x[part], spec.divide_by, dtype) for part in distinct]
    if spec.standardize:
        xs = _standardize(xs, tuple(range(arrays.x.ndim - 1)) if arrays.by_channel else (0,))
    ys = [arrays.y[part] for part in distinct]
    # Of each fold its own; zeros at the end draw nothing else.
    own = key if isinstance(spec.split, Folds) else ()
    if spec.label_noise and arrays.classes is not None:
        ys[0] = redraw_labels(ys[0], arrays.classes, spec.label_noise, (spec.split_seed, _LABEL_NOISE, *own))
    if arrays.classes is None:
        ys = _prepare_targets(ys, spec.target or ("standardize" if spec.standardize else "as_is"))
    target = dtype if arrays.classes is None else torch.int64
    examples = [
        Examples(torch.as_tensor(x).to(device, dtype), torch.as_tensor(y).to(device, target))
        for x, y in zip(xs, ys, strict=True)
    ]
    train, validation, test = examples * 3 if spec.use_all_rows else examples
    return Dataset(train, validation, test, arrays.shape, arrays.classes)


def redraw_labels(y: NDArray[Any], classes: int, share: float, seed: Sequence[int]) -> NDArray[Any]:
    """Labels (n,), each with chance ``share`` replaced by one of ``classes``, drawn uniformly: it may be the same.

    Symmetric label noise (Zhang et al. 2017, arXiv 1611.03530). The first labels do not depend on how many follow.
    """
    generator = np.random.default_rng(seed)
    draws = generator.random((len(y), 2))
    return np.where(draws[:, 0] < share, (draws[:, 1] * classes).astype(y.dtype), y)


def _scale(x: NDArray[Any], divide_by: float | None, dtype: torch.dtype) -> NDArray[Any]:
    if x.dtype != np.uint8:
        return x.astype(np.float64) / (divide_by or 1.0)
    # Images are many: in float64 only where the training is.
    kind = np.dtype(np.float64 if dtype == torch.float64 else np.float32)
    scaled: NDArray[Any] = x.astype(kind) / kind.type(divide_by or 255)
    return scaled


def _prepare_targets(ys: list[NDArray[Any]], how: str) -> list[NDArray[Any]]:
    if how == "center":
        mean = ys[0].mean(dtype=np.float64)
        return [y - mean for y in ys]
    return _standardize(ys, (0,)) if how == "standardize" else ys


def _standardize(parts: list[NDArray[Any]], axes: tuple[int, ...]) -> list[NDArray[Any]]:
    """``parts``: training examples first; float32 and float64 are kept."""
    train = parts[0]
    mean = train.mean(axis=axes, dtype=np.float64)
    deviation = train.std(axis=axes, dtype=np.float64)
    # A constant column's computed deviation is round-off, not always exactly 0.
    deviation = np.where(deviation > 1e-12 * np.maximum(1, abs(mean)), deviation, 1.0)
    return [(part - mean.astype(part.dtype)) / deviation.astype(part.dtype) for part in parts]
