"""Data sets: loaded, split, standardized, and on the device."""

from worker.training.data.arrays import Arrays
from worker.training.data.load import load_arrays
from worker.training.data.split import Dataset, Examples, prepare, split_examples
from worker.training.data.splits import Splits, prepare_splits

__all__ = [
    "Arrays",
    "Dataset",
    "Examples",
    "Splits",
    "load_arrays",
    "prepare",
    "prepare_splits",
    "split_examples",
]
