"""Image data sets in torchvision's formats and folders, read from the data folder or downloaded into it."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from torchvision.datasets import CIFAR10, MNIST, FashionMNIST

from core.errors import DatasetUnavailableError
from worker.training.data.arrays import Arrays
from worker.training.data.download import UnreachableError, fetch, lock_folder

# torchvision checks the checksums that these classes name.
SOURCES: dict[str, Any] = {"mnist": MNIST, "fashion_mnist": FashionMNIST, "cifar10": CIFAR10}

_UNREADABLE = (OSError, EOFError, ValueError, RuntimeError, AssertionError, KeyError, pickle.UnpicklingError)


def load_images(name: str, folder: Path, download: bool, check: Callable[[], None]) -> Arrays:
    """``mnist``, ``fashion_mnist`` or ``cifar10`` as uint8 (examples, H, W, C), training set first.

    ``folder`` holds MNIST/raw, FashionMNIST/raw (idx files, packed or not) or cifar-10-batches-py, as torchvision
    lays them out. Raises DatasetUnavailableError where they are not there and cannot be had, or cannot be read.
    """
    source = SOURCES[name]
    place = _locate(source, folder)
    if place.is_dir():
        try:
            return _read(source, folder, place)
        except _UNREADABLE as error:
            # With a network, what is missing or broken is fetched anew.
            if not download:
                raise _unavailable(name, f"the files in {place} cannot be read ({_describe(error)})") from error
    elif not download:
        raise _unavailable(name, f"it is not in {place}, and downloading is switched off")
    return _download(name, source, folder, check)


def _download(name: str, source: Any, folder: Path, check: Callable[[], None]) -> Arrays:
    urls = (
        [source.url] if hasattr(source, "url") else [f"{mirror}{source.resources[0][0]}" for mirror in source.mirrors]
    )

    def task() -> None:
        with lock_folder(folder):
            source(folder, download=True)

    place = _locate(source, folder)
    try:
        fetch(urls, task, check)
        return _read(source, folder, place)
    except UnreachableError as error:
        raise _unavailable(name, f"it is not complete in {place}, and there was {error}") from error
    except _UNREADABLE as error:
        raise _unavailable(name, f"its download failed ({_describe(error)})") from error


def _locate(source: Any, folder: Path) -> Path:
    return folder / (source.base_folder if hasattr(source, "base_folder") else f"{source.__name__}/raw")


def _unpack(place: Path) -> None:
    """torchvision reads idx files only unpacked; many keep them as they were published, packed."""
    for packed in place.glob("*-ubyte.gz"):
        unpacked = packed.with_suffix("")
        if not unpacked.exists():
            partial = unpacked.with_suffix(".partial")
            partial.write_bytes(gzip.decompress(packed.read_bytes()))
            partial.replace(unpacked)


def _read(source: Any, folder: Path, place: Path) -> Arrays:
    with lock_folder(folder):
        _unpack(place)
    train, test = source(folder, train=True), source(folder, train=False)
    x = np.concatenate([np.asarray(train.data), np.asarray(test.data)])
    y = np.concatenate([np.asarray(train.targets), np.asarray(test.targets)]).astype(np.int64)
    if x.ndim == 3:
        x = x[..., None]
    return Arrays(x, y, len(train.classes), own_test=len(test.data), by_channel=True)


def _describe(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _unavailable(name: str, reason: str) -> DatasetUnavailableError:
    return DatasetUnavailableError(
        f"The data set {name} is not available: {reason}.",
        field="dataset.name",
        expected=f"the files of {name} in the data folder, or a network to download them",
        received=name,
    )
