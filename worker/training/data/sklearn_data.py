"""The small data sets that scikit-learn brings along."""

from __future__ import annotations

import numpy as np
from sklearn import datasets

from worker.training.data.arrays import Arrays, count_classes


def load_digits() -> Arrays:
    """1,797 images (8, 8, 1) of 0 to 16."""
    x, y = datasets.load_digits(return_X_y=True)
    return Arrays(x.reshape(-1, 8, 8, 1), y.astype(np.int64), 10)


def load_breast_cancer() -> Arrays:
    """569 × 30."""
    x, y = datasets.load_breast_cancer(return_X_y=True)
    return Arrays(x, y.astype(np.int64), count_classes(y))


def load_wine() -> Arrays:
    """178 × 13."""
    x, y = datasets.load_wine(return_X_y=True)
    return Arrays(x, y.astype(np.int64), count_classes(y))


def load_diabetes() -> Arrays:
    """442 × 10, a regression."""
    x, y = datasets.load_diabetes(return_X_y=True)
    return Arrays(x, y.astype(np.float64), None)
