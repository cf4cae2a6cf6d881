"""A checkpoint that is torn or spoilt: there is always one to go on from. Of a full disk see test_full_disk."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.planning import plan_runs
from tests.faults.figures import Trial
from tests.faults.scale import promise
from tests.faults.writer import MARK, load
from tests.servers import ROOT, die_with_parent
from tests.worker.training.sweeps import collect, make_spec, regularize
from worker.training import Checkpoints, Saved
from worker.training.checkpoint import Checkpoint


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of a real training, with its runs beside it."""
    folder = tmp_path_factory.mktemp("trained")
    spec = make_spec(regularizers=regularize("l1", "dropout"), seeds=2)
    events = collect(spec, checkpoints=Checkpoints(folder, MARK, seconds=1e9))
    (saved,) = (event for event in events if isinstance(event, Saved))
    path = folder / saved.name
    path.with_suffix(".json").write_text(json.dumps([[*vars(run).values()] for run in plan_runs(spec)]))
    return path


class Writer:
    """Of checkpoints into a folder, in a process of its own; ``save`` one, to be ended at a size."""

    def __init__(self, trained: Path, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.faults.writer", str(trained), str(folder)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=die_with_parent, text=True
        )

    def save(self, epoch: int, limit: int = -1) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{epoch} {limit}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def writer(trained: Path, tmp_path: Path) -> Iterator[Writer]:
    writer = Writer(trained, tmp_path)
    yield writer
    writer.close()


@promise("a checkpoint is torn", small=4, full=200, minutes=10)
def test_a_valid_checkpoint_always_loads(trained: Path, writer: Writer, tmp_path: Path, trial: Trial) -> None:
    """``number``: writers that are ended at random offsets, files that are cut at random offsets, and files of which a
    random bit is turned; the names are tried as if each file had been registered."""
    checkpoint = load(trained)
    loaded = {"torn": 0, "cut": 0, "turned": 0}
    for turn in range(trial.number):
        epoch = 10 * turn + 1
        assert writer.save(epoch) == 0
        size = find(tmp_path, epoch).stat().st_size
        # The ends of the file too.
        limit = (0, size - 1)[turn] if turn < 2 else trial.random.randrange(size)
        assert writer.save(epoch + 1, limit) == -signal.SIGXFSZ
        (partial,) = (path for path in tmp_path.iterdir() if path.name.startswith("."))
        assert partial.stat().st_size == limit
        loaded["torn"] += load_newest(tmp_path, checkpoint, epoch + 1, epoch) == epoch
        for name, spoil in (("cut", cut), ("turned", turn_a_bit)):
            assert writer.save(epoch + 2) == 0
            spoil(find(tmp_path, epoch + 2), trial)
            loaded[name] += load_newest(tmp_path, checkpoint, epoch + 2, epoch) == epoch
        for path in tmp_path.iterdir():
            path.unlink()
    trial.see(bytes_of_each=size, **{f"{name}_and_the_one_before_loaded": number for name, number in loaded.items()})
    assert loaded == dict.fromkeys(loaded, trial.number)


def find(folder: Path, epoch: int) -> Path:
    return folder / f"{epoch:08d}-{MARK}.safetensors"


def load_newest(folder: Path, expected: Checkpoint, *epochs: int) -> int:
    """The epoch of what is loaded of these, the newest first; it is whole."""
    names = [find(folder, epoch).name for epoch in epochs]
    loaded = Checkpoints(folder, MARK, names).load(expected.runs, "cpu")
    assert loaded is not None
    assert loaded.runs == expected.runs
    own, other = loaded.state, expected.state
    for found, wanted in ((own.rows, other.rows), (own.generators, other.generators)):
        assert {name: t.numpy().tobytes() for name, t in found.items()} == {
            name: t.numpy().tobytes() for name, t in wanted.items()
        }
    return loaded.epoch


def cut(path: Path, trial: Trial) -> None:
    os.truncate(path, trial.random.randrange(path.stat().st_size))


def turn_a_bit(path: Path, trial: Trial) -> None:
    content = bytearray(path.read_bytes())
    # Every other one in the header, which is a small part of it.
    end = trial.random.choice((len(content), 8 + int.from_bytes(content[:8], "little")))
    content[trial.random.randrange(end)] ^= 1 << trial.random.randrange(8)
    path.write_bytes(content)
