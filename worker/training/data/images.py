"""Image data sets in torchvision's formats and folders, read from the data folder or downloaded into it."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torchvision.datasets import CIFAR10, MNIST, FashionMNIST
from torchvision.datasets.utils import check_integrity

from core.durable_files import sync_tree
from core.errors import DatasetUnavailableError
from worker.training.data.arrays import Arrays
from worker.training.data.download import UnreachableError, fetch, lock_folder
from worker.training.data.formats import read_cifar_batch, read_idx

# torchvision checks the checksums that these classes name.
SOURCES: dict[str, Any] = {"mnist": MNIST, "fashion_mnist": FashionMNIST, "cifar10": CIFAR10}

Part = tuple[NDArray[np.uint8], NDArray[Any]]
_CLASSES = 10
_PARTS = [(f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte") for part in ("train", "t10k")]
_UNREADABLE = (OSError, EOFError, ValueError, RuntimeError, zlib.error, pickle.UnpicklingError)


def load_images(name: str, folder: Path, download: bool, check: Callable[[], None]) -> Arrays:
    """``mnist``, ``fashion_mnist`` or ``cifar10`` as uint8 (examples, H, W, C), training set first.

    ``folder`` holds MNIST/raw, FashionMNIST/raw (idx files, packed or not) or cifar-10-batches-py, as torchvision
    lays them out. Raises DatasetUnavailableError where they are not there and cannot be had, or cannot be read.
    """
    source = SOURCES[name]
    place = _locate(source, folder)
    if place.is_dir():
        try:
            return _read(source, place)
        except _UNREADABLE as error:
            # With a network, missing and broken files are fetched anew.
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
            # Its __init__ would also load the downloaded files, by pickle.
            downloader = source.__new__(source)
            downloader.root = folder
            _drop_broken(place)
            downloader.download()
            sync_tree(place)

    place = _locate(source, folder)
    try:
        fetch(urls, task, check)
        return _read(source, place)
    except UnreachableError as error:
        raise _unavailable(name, f"it is not complete in {place}, and there was {error}") from error
    except _UNREADABLE as error:
        raise _unavailable(name, f"its download failed ({_describe(error)})") from error


def _drop_broken(place: Path) -> None:
    """torchvision takes a file for unpacked once it is there, however little of it a power cut or a full disk left."""
    for name in (name for part in _PARTS for name in part):
        if (place / name).exists():
            try:
                read_idx(place / name)
            except _UNREADABLE:
                (place / name).unlink()


def _locate(source: Any, folder: Path) -> Path:
    return folder / (source.base_folder if hasattr(source, "base_folder") else f"{source.__name__}/raw")


def _read(source: Any, place: Path) -> Arrays:
    parts = _read_batches(source, place) if hasattr(source, "train_list") else _read_idx_files(place)
    x, y = (np.concatenate([part[index] for part in parts]) for index in (0, 1))
    return Arrays(x, y.astype(np.int64), _CLASSES, own_test=len(parts[-1][1]), by_channel=True)


def _read_idx_files(place: Path) -> list[Part]:
    return [_check(read_idx(place / images)[..., None], read_idx(place / labels)) for images, labels in _PARTS]


def _read_batches(source: Any, place: Path) -> list[Part]:
    parts = []
    for name, digest in (*source.train_list, *source.test_list):
        if not check_integrity(place / name, digest):
            raise ValueError(f"{name} is missing, or is not the one that was published")
        x, y = read_cifar_batch((place / name).read_bytes())
        parts.append(_check(x, np.array(y)))
    return parts


def _check(x: NDArray[np.uint8], y: NDArray[Any]) -> Part:
    if x.ndim != 4 or y.shape != x.shape[:1] or y.min(initial=0) < 0 or y.max(initial=0) >= _CLASSES:
        raise ValueError(f"expected a class from 0 to {_CLASSES - 1} per image; received {y.shape} for {x.shape}")
    return x, y


def _describe(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _unavailable(name: str, reason: str) -> DatasetUnavailableError:
    return DatasetUnavailableError(
        f"The data set {name} is not available: {reason}.",
        field="dataset.name",
        expected=f"the files of {name} in the data folder, or a network to download them",
        received=name,
    )
