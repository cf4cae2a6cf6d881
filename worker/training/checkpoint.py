"""Checkpoints: the state of a training after an epoch, in a file that exists whole or not at all.

The format is safetensors, which holds tensors and text and no code; the numbers are JSON in its metadata. ``digest``
is over both, so that any damage to the file is noticed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from core.durable_files import make_folder, sync_folder
from core.spec import PlannedRun
from worker.training.run_state import RunState

FORMAT = 1
NAME = re.compile(r"\d{8}-[0-9a-f]{8}\.safetensors")
# A training spends at most this share of its time on saving.
_SHARE = 1 / 20
_WRITERS = 8


@dataclass(frozen=True)
class Checkpoint:
    """``epoch``: the last one trained; ``seconds``: of training; ``device``: cpu or cuda, whose generators differ."""

    epoch: int
    seconds: float
    device: str
    runs: tuple[PlannedRun, ...]
    state: RunState


class InvalidCheckpointError(ValueError):
    """The file is no complete checkpoint of these runs on this kind of device."""


class Checkpoints:
    """The checkpoints of one attempt at a job: those to resume from, and those that it writes.

    ``names``: of the files in ``folder`` to resume from, the best first. ``mark``: 8 hexadecimal digits, which make the
    names of this attempt's files its own. ``seconds``: the shortest time from one to the next; where saving
    takes long it is longer. ``keeps_last``: whether the end of the training is saved too. ``keeps_weights``: whether
    the weights of each finished run are.
    """

    def __init__(
        self,
        folder: Path,
        mark: str,
        names: Sequence[str] = (),
        *,
        seconds: float = 5.0,
        keeps_last: bool = True,
        keeps_weights: bool = False,
    ) -> None:
        self.keeps_last, self.keeps_weights = keeps_last, keeps_weights
        self._folder, self._mark, self._names = folder, mark, tuple(names)
        self._seconds = seconds
        self._due = time.monotonic() + seconds

    def load(self, runs: Sequence[PlannedRun], device: str) -> Checkpoint | None:
        """The first valid one of these runs for this kind of device; None where there is none."""
        for name in self._names:
            try:
                return read_checkpoint(self._folder / name, runs, device)
            except (OSError, InvalidCheckpointError) as error:
                print(f"The checkpoint {name} is passed over: {error}", flush=True)
        return None

    def is_due(self) -> bool:
        """Whether enough time has passed since the last one."""
        return time.monotonic() >= self._due

    def save(self, checkpoint: Checkpoint) -> tuple[str, int]:
        """Its file's name and size. Raises OSError where it cannot be written; earlier checkpoints stay."""
        start = time.monotonic()
        name = f"{checkpoint.epoch:08d}-{self._mark}.safetensors"
        try:
            return name, write_checkpoint(self._folder / name, checkpoint)
        finally:
            end = time.monotonic()
            self._due = end + max(self._seconds, (end - start) / _SHARE)

    def save_weights(self, runs: Sequence[PlannedRun], weights: Sequence[dict[str, Tensor] | None]) -> list[str | None]:
        """A file for each run that has some; the names, in the order of ``runs``. Raises OSError."""
        make_folder(self._folder)
        places = [place for place, own in enumerate(weights) if own is not None]
        names = {place: f"{place:08d}-{self._mark}.weights.safetensors" for place in places}
        contents = (_pack_weights(runs[place], weights[place] or {}) for place in places)
        # Side by side: a disk syncs several files in about the time of one.
        with ThreadPoolExecutor(_WRITERS) as pool:
            list(pool.map(_write, [self._folder / name for name in names.values()], contents))
        sync_folder(self._folder)
        return [names.get(place) for place in range(len(runs))]


def _pack_weights(run: PlannedRun, weights: dict[str, Tensor]) -> bytes:
    # One entry: of several the order would not be the same every time.
    about = json.dumps({"regularizer": run.regularizer, "strength": run.strength, "seed": run.seed, "split": run.split})
    return save({name: tensor.contiguous() for name, tensor in weights.items()}, {"run": about})


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> int:
    """Its size. Raises OSError."""
    content = _pack(checkpoint)
    make_folder(path.parent)
    _write(path, content)
    sync_folder(path.parent)
    return len(content)


def _write(path: Path, content: bytes) -> None:
    """Write a temporary file, sync it to disk, and rename it; the folder is still to be synced. Raises OSError."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def read_checkpoint(path: Path, runs: Sequence[PlannedRun], device: str) -> Checkpoint:
    """Raises OSError where it cannot be read, and InvalidCheckpointError."""
    if not NAME.fullmatch(path.name):
        raise InvalidCheckpointError(f"expected a name such as 00000012-0123abcd.safetensors; received {path.name!r}")
    tensors, metadata = _unpack(path)
    about = metadata.get("about", "")
    if metadata.get("digest") != _digest(about, tensors):
        raise InvalidCheckpointError("its content is not what was written")
    found: dict[str, Any] = json.loads(about)
    if (found["format"], found["device"]) != (FORMAT, device):
        raise InvalidCheckpointError(
            f"expected format {FORMAT} on {device}; received format {found['format']} on {found['device']}"
        )
    own = tuple(PlannedRun(*run) for run in found["runs"])
    if own != tuple(runs):
        raise InvalidCheckpointError(f"expected a checkpoint of these {len(runs)} runs; received one of others")
    generators = {name: tensors.pop(f"generators/{name}") for name in found["generators"]}
    rows = {name.removeprefix("rows/"): tensor for name, tensor in tensors.items()}
    return Checkpoint(found["epoch"], found["seconds"], device, own, RunState(rows, found["shared"], generators))


def _pack(checkpoint: Checkpoint) -> bytes:
    state = checkpoint.state
    tensors = {f"rows/{name}": tensor.contiguous() for name, tensor in state.rows.items()}
    tensors |= {f"generators/{name}": tensor.contiguous() for name, tensor in state.generators.items()}
    about = json.dumps(
        {
            "format": FORMAT,
            "epoch": checkpoint.epoch,
            "seconds": checkpoint.seconds,
            "device": checkpoint.device,
            "runs": [[run.regularizer, run.strength, run.seed, run.split] for run in checkpoint.runs],
            "shared": state.shared,
            "generators": list(state.generators),
        }
    )
    return save(tensors, {"about": about, "digest": _digest(about, tensors)})


def _unpack(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path.name}")
    try:
        with safe_open(path, "pt") as file:
            # Its keys are no dict: there is nothing else to go through.
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except SafetensorError as error:
        raise InvalidCheckpointError(str(error)) from error


def _digest(about: str, tensors: dict[str, Tensor]) -> str:
    digest = hashlib.blake2b(about.encode(), digest_size=32)
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
