"""A training that resumes from a checkpoint computes the same, bit for bit; a damaged file is no checkpoint."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from core.planning import plan_runs
from core.spec import ExperimentSpec, PlannedRun
from tests.worker.training.sweeps import (
    NETWORKS,
    OPTIMIZERS,
    RESIDUAL,
    collect,
    get_completed,
    make_spec,
    make_sweep,
    regularize,
)
from worker.training import METRICS, Checkpoints, EpochValues, Event, Prepared, Saved, Stopped, Unsaved, train
from worker.training.checkpoint import Checkpoint, InvalidCheckpointError, read_checkpoint, write_checkpoint
from worker.training.run_state import RunState

MARKS = ("0000000a", "0000000b", "0000000c")


def halt_after(epoch: int, events: Iterator[Event], seen: list[Event], leave: Callable[[], None]) -> None:
    """Take events until the epoch, and ask to leave."""
    for event in events:
        seen.append(event)
        if isinstance(event, EpochValues) and event.epoch == epoch:
            leave()


def train_in_parts(
    spec: ExperimentSpec, folder: Path, ends: tuple[int, ...], marks: Sequence[str] = MARKS
) -> list[Event]:
    """Every event of a training that leaves after each of these epochs and goes on from its checkpoint."""
    seen: list[Event] = []
    names: list[str] = []
    for mark, end in zip(marks, (*ends, 0), strict=False):
        leaving: list[bool] = []
        options: dict[str, Any] = {"data_folder": folder, "download": False, "device": "cpu"}
        options["should_leave"] = lambda: bool(leaving)  # noqa: B023 - used within the turn
        checkpoints = Checkpoints(folder, mark, names, seconds=1e9, keeps_weights=True)
        events = train(spec, plan_runs(spec), checkpoints=checkpoints, **options)
        if end:
            with pytest.raises(Stopped):
                halt_after(end, events, seen, lambda: leaving.append(True))  # noqa: B023
            assert isinstance(seen[-1], Saved)
            assert seen[-1].epoch == end
            names = [seen[-1].name]
        else:
            seen += list(events)
    return seen


def check_same(seen: list[Event], expected: list[Event]) -> None:
    ours, theirs = ([event for event in events if isinstance(event, EpochValues)] for events in (seen, expected))
    assert [event.epoch for event in ours] == [event.epoch for event in theirs]
    for own, other in zip(ours, theirs, strict=True):
        for name in set(METRICS) - {"seconds"}:
            assert np.array_equal(own.metrics[name], other.metrics[name], equal_nan=True), name
        assert np.array_equal(own.batch_losses, other.batch_losses, equal_nan=True)
        assert (own.diverged, own.stopped) == (other.diverged, other.stopped)
        check_same_bars(own, other)
        assert own.layers is not None
        assert other.layers is not None
        assert np.array_equal(own.layers, other.layers, equal_nan=True)
        # The state before the first step, which a training that goes on does not have again.
        assert (own.start is None, other.start is None) == (own.epoch > 1, own.epoch > 1)
        if own.start is not None and other.start is not None:
            check_same_bars(own.start, other.start)
            for name in METRICS:
                assert np.array_equal(own.start.metrics[name], other.start.metrics[name], equal_nan=True), name
    ours_tested, theirs_tested = get_completed(seen).outcomes, get_completed(expected).outcomes
    assert np.array_equal(ours_tested.losses, theirs_tested.losses, equal_nan=True)
    assert (ours_tested.hits is None) == (theirs_tested.hits is None)
    if ours_tested.hits is not None and theirs_tested.hits is not None:
        assert np.array_equal(ours_tested.hits, theirs_tested.hits)
    for name in ("test_loss", "test_score"):
        assert np.array_equal(
            getattr(get_completed(seen), name), getattr(get_completed(expected), name), equal_nan=True
        )


def check_same_bars(own: EpochValues, other: EpochValues) -> None:
    for bars, others in zip(own.histograms, other.histograms, strict=True):
        assert (bars.run, bars.layer, bars.low, bars.high) == (others.run, others.layer, others.low, others.high)
        assert np.array_equal(bars.counts, others.counts)


def check(spec: ExperimentSpec, folder: Path, ends: tuple[int, ...]) -> None:
    begun = [0, *ends]
    seen = train_in_parts(spec, folder, ends)
    assert [event.epoch for event in seen if isinstance(event, Prepared)] == begun
    check_same(seen, collect(spec))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_regularizer_and_optimizer_resumes_from_its_checkpoint(optimizer: str, tmp_path: Path) -> None:
    check(make_spec("mlp", optimizer, regularizers=regularize(strengths=(0.02, 0.3))), tmp_path, (1, 2))


@pytest.mark.parametrize("network", sorted(set(NETWORKS) - {"mlp"}))
def test_every_network_resumes_from_its_checkpoint(network: str, tmp_path: Path) -> None:
    chosen = ["l1", "dropout", "sam", *(RESIDUAL if network == "resnet" else ())]
    fixed = [{"name": "gaussian_noise", "strengths": [0.1]}]
    options: dict[str, Any] = {"schedule": {"name": "cosine", "warmup_epochs": 1}, "fixed": fixed, "seeds": 2}
    check(make_spec(network, "momentum", regularizers=regularize(*chosen), **options), tmp_path, (1, 2))


def test_fista_mixed_precision_and_augmented_images_resume(tmp_path: Path) -> None:
    options: dict[str, Any] = {"optimizer": {"name": "fista"}, "batch_size": "full", "precision": "float64"}
    check(make_spec("linear", regularizers=regularize("l1", "l2"), **options), tmp_path / "fista", (1, 2))
    dataset = make_spec().dataset.model_dump() | {"augmentation": {"crop": 1, "flip": True, "cutout": 2}}
    for precision in ("float32", "mixed"):
        spec = make_spec("cnn", dataset=dataset, regularizers=regularize("l2"), precision=precision)
        check(spec, tmp_path / precision, (1, 2))


def test_a_checkpoints_names_stay_so_that_older_checkpoints_can_be_read() -> None:
    """After the first of three epochs, which a patience of one epoch outlives; rows of the runs come in their order."""
    early = {"name": "early_stopping", "strengths": [1]}
    spec = make_spec(network={"name": "mlp", "widths": [5]}, regularizers=[early, *regularize("dropout")], seeds=[7])
    sweep = make_sweep(spec)
    sweep.train_epoch(1)
    state = sweep.get_state()
    tensors = [f"{layer}.{part}" for layer in ("hidden1", "output") for part in ("weight", "bias")]
    moments = [f"optimizer/{name}/{tensor}" for name in ("_means", "_squares") for tensor in tensors]
    assert set(state.rows) == {
        "alive",
        "training",
        *(f"kept/1/{tensor}" for tensor in tensors),
        *(f"rules/{name}" for name in ("lowest", "best_epoch", "loss")),
        *(f"runs/parameters/{tensor}" for tensor in tensors),
        *(f"runs/{moment}" for moment in moments),
    }
    assert {len(value) for name, value in state.rows.items() if name.startswith("runs/")} == {3}
    assert set(state.shared) == {"runs/steps", *(f"runs/optimizer/{name}" for name in ("rate", "_counts", "_steps"))}
    assert set(state.generators) == {"order/7", "runs/dropout/7"}


def test_runs_that_stopped_or_diverged_stay_what_they_are(tmp_path: Path) -> None:
    """Early stopping keeps its best weights and its patience, halving its ranks, a diverged run its end."""
    l2 = {"name": "l2", "strengths": [0.0, 0.01, 0.1, 1e6]}
    options: dict[str, Any] = {"epochs": 9, "seeds": 2}
    halved = make_spec(optimizer_name="momentum", regularizers=[l2], halving={"at": [2, 4], "keep": 0.5}, **options)
    early = {"name": "early_stopping", "strengths": [1, 2, 3]}
    sgd = {"name": "sgd", "learning_rate": 1.0}
    patient = make_spec(optimizer=sgd, regularizers=[l2, early], tolerance=0.05, **options)
    for spec, reasons in ((halved, {"halving"}), (patient, {"early_stopping", "tolerance"})):
        epochs = [event for event in collect(spec) if isinstance(event, EpochValues)]
        assert {stopping.by for event in epochs for stopping in event.stopped} == reasons
        assert any(event.diverged for event in epochs)
        for ends in ((1, 3), (2, 4), (5, 7)):
            check(spec, tmp_path / f"{len(reasons)}-{ends[0]}", ends)


def test_a_finished_training_resumes_with_more_epochs(tmp_path: Path) -> None:
    """As one training of them all, where nothing in it depends on how many there are."""
    spec = make_spec(regularizers=regularize("l1", "dropout"))
    first = collect(spec, checkpoints=Checkpoints(tmp_path, MARKS[0]))
    saved = first[-2]
    assert isinstance(saved, Saved)
    longer = spec.model_copy(update={"epochs": 5})
    second = collect(longer, checkpoints=Checkpoints(tmp_path, MARKS[1], [saved.name]))
    epochs = [event for event in [*first, *second] if isinstance(event, EpochValues)]
    expected = [event for event in collect(longer) if isinstance(event, EpochValues)]
    # Which epochs have histograms depends on how many there are.
    check_same(
        [*(replace(event, histograms=()) for event in epochs), second[-1]],
        [*(replace(event, histograms=()) for event in expected), collect(longer)[-1]],
    )


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_weights_of_finished_runs_are_files_that_safetensors_reads(optimizer: str, tmp_path: Path) -> None:
    """Those that count, bit for bit, and the same from a training that was left and resumed; none of a diverged run."""
    chosen = [*regularize("l1"), *regularize("l2", strengths=(1e6,)), {"name": "early_stopping", "strengths": [1]}]
    rated = {"name": optimizer, "learning_rate": 0.05}
    spec = make_spec("mlp", optimizer=rated, regularizers=chosen, epochs=8, seeds=2)
    whole = Checkpoints(tmp_path, MARKS[0], seconds=1e9, keeps_weights=True)
    names = get_completed(collect(spec, checkpoints=whole)).weights
    runs, sweep = plan_runs(spec), make_sweep(spec)
    for epoch in range(1, 9):
        sweep.train_epoch(epoch)
    diverged = {i for i, run in enumerate(runs) if run.strength == 1e6 and optimizer == "sgd"}
    assert {i for i, name in enumerate(names) if name is None} == diverged
    for run, name, tensors in zip(runs, names, sweep.read_parameters(), strict=True):
        if name is not None:
            found = load_file(tmp_path / name)
            assert found.keys() == tensors.keys()
            assert all(torch.equal(found[key], tensor) for key, tensor in tensors.items())
            with safe_open(tmp_path / name, "pt") as file:
                about = {"regularizer": run.regularizer, "strength": run.strength, "seed": run.seed, "split": 0}
                assert json.loads(file.metadata()["run"]) == about
    resumed = get_completed(train_in_parts(spec, tmp_path, (3,), MARKS[1:])).weights
    for name, again in zip(names, resumed, strict=True):
        assert (name is None) == (again is None)
        if name is not None and again is not None:
            assert name != again
            assert (tmp_path / name).read_bytes() == (tmp_path / again).read_bytes()


def test_weights_that_cannot_be_written_end_no_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    blocked = Checkpoints(tmp_path / "file" / "folder", MARKS[0], seconds=1e9, keeps_last=False, keeps_weights=True)
    assert get_completed(collect(make_spec(regularizers=[]), checkpoints=blocked)).weights == ()


def test_it_is_saved_as_often_as_asked_and_seldom_where_that_takes_long(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, MARKS[0], seconds=1e-9)
    events = collect(make_spec(regularizers=[]), checkpoints=checkpoints)
    kinds = [type(event) for event in events]
    assert kinds.count(Saved) >= 1
    assert kinds[-2] is Saved
    assert not checkpoints.is_due()
    keeps_none = collect(make_spec(regularizers=[]), checkpoints=Checkpoints(tmp_path, MARKS[1], keeps_last=False))
    assert Saved not in [type(event) for event in keeps_none]


@pytest.fixture
def checkpoint() -> Checkpoint:
    rows = {"weight": torch.arange(60, dtype=torch.float32).view(3, 4, 5), "alive": torch.tensor([True, False, True])}
    state = RunState(rows, {"steps": 0.1}, {"order/1": torch.arange(16, dtype=torch.uint8)})
    return Checkpoint(7, 1.5, "cpu", (PlannedRun("none", 0.0, 1), PlannedRun("l1", 0.1 + 0.2, 2)), state)


def test_a_checkpoint_reads_back_as_written(checkpoint: Checkpoint, tmp_path: Path) -> None:
    path = tmp_path / "job-1" / "00000007-0123abcd.safetensors"
    assert write_checkpoint(path, checkpoint) == path.stat().st_size
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    found = read_checkpoint(path, checkpoint.runs, "cpu")
    assert (found.epoch, found.seconds, found.runs) == (7, 1.5, checkpoint.runs)
    assert found.state.shared == checkpoint.state.shared
    for name, part in (("rows", checkpoint.state.rows), ("generators", checkpoint.state.generators)):
        read = getattr(found.state, name)
        assert read.keys() == part.keys()
        assert all(torch.equal(read[key], tensor) for key, tensor in part.items())


def test_a_file_that_is_cut_off_or_changed_anywhere_is_passed_over(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """The one before it is gone on from."""
    older, newer = (tmp_path / f"0000000{epoch}-{MARKS[0]}.safetensors" for epoch in (6, 7))
    write_checkpoint(older, replace(checkpoint, epoch=6))
    write_checkpoint(newer, checkpoint)
    whole = newer.read_bytes()
    generator = np.random.default_rng(0)
    for place in generator.integers(0, len(whole), 60).tolist():
        for content in (whole[:place], whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]):
            newer.write_bytes(content)
            found = Checkpoints(tmp_path, MARKS[1], [newer.name, older.name]).load(checkpoint.runs, "cpu")
            assert found is not None
            assert found.epoch == 6
    newer.write_bytes(whole)
    assert read_checkpoint(newer, checkpoint.runs, "cpu").epoch == 7
    assert Checkpoints(tmp_path, MARKS[1], ["00000009-0000000f.safetensors"]).load(checkpoint.runs, "cpu") is None


@pytest.mark.parametrize(
    ("runs", "device", "name"),
    [
        ([PlannedRun("none", 0.0, 1)], "cpu", "00000007-0123abcd.safetensors"),
        (None, "cuda", "00000007-0123abcd.safetensors"),
        (None, "cpu", "../00000007-0123abcd.safetensors"),
        (None, "cpu", "other.safetensors"),
    ],
)
def test_checkpoints_of_other_runs_devices_or_names_are_passed_over(
    checkpoint: Checkpoint, tmp_path: Path, runs: list[PlannedRun] | None, device: str, name: str
) -> None:
    write_checkpoint(tmp_path / Path(name).name, checkpoint)
    folder = tmp_path / "job-1" if ".." in name else tmp_path
    if ".." in name:
        assert Checkpoints(folder, MARKS[0], [name]).load(checkpoint.runs, device) is None
    else:
        with pytest.raises(InvalidCheckpointError, match="expected"):
            read_checkpoint(folder / name, runs or checkpoint.runs, device)


FULL = """
import resource, sys
from pathlib import Path
from tests.worker.training.sweeps import collect, make_spec
from worker.training import Checkpoints
folder, limit = Path(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
events = collect(make_spec(), checkpoints=Checkpoints(folder, "0000000a", seconds=1e-9))
print(*(type(event).__name__ for event in events))
"""


def test_a_training_that_cannot_be_saved_says_so_and_goes_on(tmp_path: Path) -> None:
    """The system's limit on a file's size stands for a full disk: it is met in the middle of a write as well."""
    command = [sys.executable, "-c", FULL, str(tmp_path), "5000"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": "."})
    kinds = done.stdout.split()
    assert kinds.count("EpochValues") == 3
    assert kinds[-2:] == [Unsaved.__name__, "Completed"]
    assert Saved.__name__ not in kinds
    assert list(tmp_path.iterdir()) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 5000
