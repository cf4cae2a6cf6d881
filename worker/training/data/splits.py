"""The data of a sweep's runs, each with the rows of its split."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import torch

from core.spec import DatasetSpec, PlannedRun
from core.spec.split import RowsKey
from worker.training.data.load import load_arrays
from worker.training.data.split import Dataset, prepare

# By SplitBase.find_rows of their runs.
Splits = Mapping[RowsKey, Dataset]


def prepare_splits(
    spec: DatasetSpec,
    runs: Iterable[PlannedRun],
    folder: Path,
    download: bool,
    dtype: torch.dtype,
    device: torch.device,
    check: Callable[[], None] = lambda: None,
) -> dict[RowsKey, Dataset]:
    """The data of ``runs``; what is not generated is loaded once. Raises and calls ``check`` as ``load_arrays``."""
    splits: dict[RowsKey, Dataset] = {}
    before = arrays = None
    for key in dict.fromkeys(find_key(spec, run) for run in runs):
        check()
        own = spec.resolve_seed(key)
        # Only generated data differ by the seed of the split.
        if arrays is None or (own.split_seed != before and own.is_generated):
            before, arrays = own.split_seed, load_arrays(own, folder, download, check)
        splits[key] = prepare(own, arrays, dtype, device, key)
    return splits


def find_key(spec: DatasetSpec, run: PlannedRun) -> RowsKey:
    """What tells a run's rows from those of others."""
    return spec.split.find_rows(run.seed, run.split)
