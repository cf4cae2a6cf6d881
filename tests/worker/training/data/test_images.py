"""Image data sets read from small files in the published formats."""

from __future__ import annotations

import gzip
import hashlib
import os
import pickle
import socket
import struct
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torchvision.datasets import CIFAR10, MNIST

from core.errors import DatasetUnavailableError
from tests.worker.training.sweeps import collect, get_completed, make_spec
from worker.training.data import download, images
from worker.training.data.images import SOURCES, load_images

TRAIN, TEST = 60, 20


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The servers here are on this machine."""
    monkeypatch.setenv("no_proxy", "*")


def pack_idx(array: np.ndarray) -> bytes:
    """The idx format of Yann LeCun's page: two zeros, type 8 (unsigned byte), dimensions, big-endian sizes, data."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def write_mnist(folder: Path, packed: bool) -> dict[str, np.ndarray]:
    """The four files, with half as much noise as there is a bright square at the place of the class."""
    generator = np.random.default_rng(0)
    folder.mkdir(parents=True)
    arrays = {}
    for part, count in (("train", TRAIN), ("t10k", TEST)):
        labels = np.arange(count) % 10
        pictures = generator.integers(0, 100, size=(count, 28, 28))
        for picture, label in zip(pictures, labels, strict=True):
            picture[2 * label : 2 * label + 4, 4:20] = 255
        for name, array in (("images-idx3", pictures), ("labels-idx1", labels)):
            data = pack_idx(array)
            path = folder / f"{part}-{name}-ubyte"
            path.with_suffix(".gz" if packed else "").write_bytes(gzip.compress(data) if packed else data)
            arrays[f"{part}-{name}"] = array
    return arrays


def write_cifar(folder: Path) -> type[CIFAR10]:
    """Batches as published (pickled dictionaries of rows R…G…B…), and torchvision's class with their checksums."""
    generator = np.random.default_rng(0)
    folder.mkdir(parents=True)

    def write(name: str, content: dict[str, object]) -> str:
        data = pickle.dumps(content, protocol=2)
        (folder / name).write_bytes(data)
        return hashlib.md5(data, usedforsecurity=False).hexdigest()

    def write_batch(name: str, count: int) -> list[str]:
        labels = [int(i) % 10 for i in range(count)]
        rows = generator.integers(0, 100, size=(count, 3072), dtype=np.uint8)
        for row, label in zip(rows, labels, strict=True):
            row[300 * label : 300 * label + 300] = 255
        return [name, write(name, {"data": rows, "labels": labels})]

    return type(
        "SmallCIFAR10",
        (CIFAR10,),
        {
            "train_list": [write_batch(f"data_batch_{i}", TRAIN // 5) for i in range(1, 6)],
            "test_list": [write_batch("test_batch", TEST)],
            "meta": CIFAR10.meta | {"md5": write("batches.meta", {"label_names": list("abcdefghij")})},
        },
    )


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("name", "place"), [("mnist", "MNIST/raw"), ("fashion_mnist", "FashionMNIST/raw")])
def test_idx_files_packed_or_not(name: str, place: str, packed: bool, tmp_path: Path) -> None:
    written = write_mnist(tmp_path / place, packed)
    arrays = load_images(name, tmp_path, False, lambda: None)
    assert arrays.x.shape == (TRAIN + TEST, 28, 28, 1)
    assert (arrays.classes, arrays.own_test) == (10, TEST)
    assert np.array_equal(arrays.x[:TRAIN, ..., 0], written["train-images-idx3"])
    assert np.array_equal(arrays.y[TRAIN:], written["t10k-labels-idx1"])


def test_cifar_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOURCES, "cifar10", write_cifar(tmp_path / "cifar-10-batches-py"))
    arrays = load_images("cifar10", tmp_path, False, lambda: None)
    assert arrays.x.shape == (TRAIN + TEST, 32, 32, 3)
    # The first row's first 300 numbers are the red of its first 300 pixels, line by line.
    assert (arrays.x[0].reshape(-1, 3)[:300, 0] == 255).all()
    assert (arrays.x[0].reshape(-1, 3)[300:, 0] < 100).all()


@pytest.mark.parametrize(("name", "network"), [("mnist", "linear"), ("cifar10", "cnn")])
def test_images_train_end_to_end(name: str, network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "mnist":
        write_mnist(tmp_path / "MNIST/raw", packed=True)
    else:
        monkeypatch.setitem(SOURCES, "cifar10", write_cifar(tmp_path / "cifar-10-batches-py"))
    spec = make_spec(network, dataset={"name": name}, regularizers=[], epochs=30)
    assert get_completed(collect(spec, data_folder=tmp_path)).test_score[0] > 0.8


def test_a_data_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnavailableError, match=r"mnist is not available: it is not in .*MNIST/raw, and downl"):
        load_images("mnist", tmp_path, False, lambda: None)


def test_broken_files_are_named(tmp_path: Path) -> None:
    write_mnist(tmp_path / "MNIST/raw", packed=False)
    (tmp_path / "MNIST/raw/train-images-idx3-ubyte").write_bytes(b"\x00\x00\x08\x03\x00")
    with pytest.raises(DatasetUnavailableError, match=r"the files in .*MNIST/raw cannot be read"):
        load_images("mnist", tmp_path, False, lambda: None)
    (tmp_path / "cifar-10-batches-py").mkdir()
    with pytest.raises(DatasetUnavailableError, match=r"cifar-10-batches-py cannot be read \(data_batch_1 is missing"):
        load_images("cifar10", tmp_path, False, lambda: None)


class Opens:
    """Pickled, it says: open this file for writing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return open, (str(self.path), "w")


def test_a_pickle_that_calls_something_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, folder = write_cifar(tmp_path / "cifar-10-batches-py"), tmp_path / "cifar-10-batches-py"
    monkeypatch.setitem(SOURCES, "cifar10", source)
    data = pickle.dumps({"data": Opens(tmp_path / "opened"), "labels": []}, protocol=2)
    (folder / "data_batch_1").write_bytes(data)
    with pytest.raises(DatasetUnavailableError, match="data_batch_1 is missing, or is not the one"):
        load_images("cifar10", tmp_path, False, lambda: None)
    # Where even its checksum is right.
    source.train_list[0][1] = hashlib.md5(data, usedforsecurity=False).hexdigest()
    with pytest.raises(DatasetUnavailableError, match=r"it names io\.open, which no batch"):
        load_images("cifar10", tmp_path, False, lambda: None)
    assert not (tmp_path / "opened").exists()
    # The file would have been there: this is how any other reader opens it.
    pickle.loads(data)  # noqa: S301
    assert (tmp_path / "opened").exists()


def test_torchs_old_files_of_mnist_are_not_even_opened(tmp_path: Path) -> None:
    write_mnist(tmp_path / "MNIST/raw", packed=True)
    (tmp_path / "MNIST/processed").mkdir()
    for name in ("training.pt", "test.pt"):
        (tmp_path / "MNIST/processed" / name).write_bytes(pickle.dumps(Opens(tmp_path / "opened")))
    assert len(load_images("mnist", tmp_path, False, lambda: None).y) == TRAIN + TEST
    assert not (tmp_path / "opened").exists()


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        ("train-labels-idx1", np.full(TRAIN, 10), "a class from 0 to 9 per image"),
        ("t10k-labels-idx1", np.zeros(TEST + 1), "a class from 0 to 9 per image"),
        ("train-images-idx3", np.zeros((TRAIN, 784)), "a class from 0 to 9 per image"),
    ],
)
def test_files_that_do_not_fit_one_another_are_named(name: str, array: np.ndarray, words: str, tmp_path: Path) -> None:
    write_mnist(tmp_path / "MNIST/raw", packed=False)
    (tmp_path / f"MNIST/raw/{name}-ubyte").write_bytes(pack_idx(array))
    with pytest.raises(DatasetUnavailableError, match=words):
        load_images("mnist", tmp_path, False, lambda: None)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A mirror on this machine that holds the packed files."""
    write_mnist(tmp_path / "mirror", packed=True)

    def handle(*arguments: Any) -> Quiet:
        return Quiet(*arguments, directory=str(tmp_path / "mirror"))

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), handle)
    thread = threading.Thread(target=httpd.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}/"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def make_source(mirror: str, folder: Path) -> type[MNIST]:
    """torchvision's class, with another mirror and the checksums of what that holds."""
    names = [name for name, _ in MNIST.resources]
    files = [(name, hashlib.md5((folder / name).read_bytes(), usedforsecurity=False).hexdigest()) for name in names]
    return type("MNIST", (MNIST,), {"mirrors": [mirror], "resources": files})


def test_downloaded_at_first_use_and_then_read(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOURCES, "mnist", make_source(server, tmp_path / "mirror"))
    first = load_images("mnist", tmp_path / "data", True, lambda: None)
    monkeypatch.setitem(SOURCES, "mnist", make_source("http://127.0.0.1:9/", tmp_path / "mirror"))
    again = load_images("mnist", tmp_path / "data", True, lambda: None)
    assert np.array_equal(first.x, again.x)


@pytest.mark.parametrize("length", [0, 3, 1_000])
def test_files_torn_while_unpacking_are_unpacked_anew(
    length: int, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SOURCES, "mnist", make_source(server, tmp_path / "mirror"))
    first = load_images("mnist", tmp_path / "data", True, lambda: None)
    for path in (tmp_path / "data" / "MNIST" / "raw").glob("*ubyte"):
        os.truncate(path, min(length, path.stat().st_size - 1))
    again = load_images("mnist", tmp_path / "data", True, lambda: None)
    assert np.array_equal(first.x, again.x)


def test_no_network_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = type("MNIST", (MNIST,), {"mirrors": ["http://127.0.0.1:9/", "http://name.invalid/"]})
    monkeypatch.setitem(SOURCES, "mnist", source)
    start = time.monotonic()
    with pytest.raises(
        DatasetUnavailableError, match=r"not complete in .*MNIST/raw, and there was no answer from http"
    ):
        load_images("mnist", tmp_path, True, lambda: None)
    assert time.monotonic() - start < 15


def test_a_server_that_never_answers_does_not_hang_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PROBE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = type("MNIST", (MNIST,), {"mirrors": [f"http://127.0.0.1:{silent.getsockname()[1]}/"]})
        monkeypatch.setitem(SOURCES, "mnist", source)
        start = time.monotonic()
        with pytest.raises(DatasetUnavailableError, match="no answer"):
            load_images("mnist", tmp_path, True, lambda: None)
        assert time.monotonic() - start < 5


def test_asked_to_stop_it_does_not_wait_for_the_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Asked(Exception):
        pass

    def check() -> None:
        raise Asked

    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = type("MNIST", (MNIST,), {"mirrors": [f"http://127.0.0.1:{silent.getsockname()[1]}/"]})
        monkeypatch.setitem(SOURCES, "mnist", source)
        with pytest.raises(Asked):
            images.load_images("mnist", tmp_path, True, check)
