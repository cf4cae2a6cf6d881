"""The engine: a sweep, epoch by epoch, as a generator of events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch

from core.catalogue import check_spec, choose_outputs
from core.catalogue.epoch_values import EpochValues
from core.spec import ExperimentSpec, PlannedRun
from worker.training.checkpoint import Checkpoint, Checkpoints
from worker.training.data import prepare_splits
from worker.training.device import choose_device
from worker.training.events import Completed, Event, Prepared, Saved, Stopped, Unsaved
from worker.training.kernels.precision import choose_dtype
from worker.training.networks import make_network
from worker.training.sweep import Sweep, SweepEpoch


def train(
    spec: ExperimentSpec,
    runs: Sequence[PlannedRun],
    *,
    data_folder: Path,
    download: bool,
    device: str,
    should_stop: Callable[[], bool] = lambda: False,
    should_leave: Callable[[], bool] = lambda: False,
    checkpoints: Checkpoints | None = None,
) -> Iterator[Event]:
    """Train ``runs`` of ``spec`` together: yields Prepared, an EpochValues per epoch until no run trains, Completed.

    The first epoch carries the state before the first step, measured once.

    ``device``: auto, cpu or cuda. ``should_stop`` is asked before each step of each stack, ``should_leave`` after each
    epoch. With ``checkpoints`` the training resumes from the one that they load, and yields a Saved or an Unsaved after
    some epochs and before it leaves; its results are the same, bit for bit on a CPU. Where they keep weights, those of
    finished runs are files at its end. A run's results do not depend on the other runs, bit for bit when torch has one
    thread. Raises Stopped once either answers yes, DatasetUnavailableError where the data cannot be had,
    InvalidSpecError for runs or parts that do not fit.
    """

    def check() -> None:
        if should_stop():
            raise Stopped

    check_spec(spec)
    place = choose_device(device)
    if place.type == "cuda":
        # No TF32: results on a GPU are held to the same tolerance as on a CPU.
        torch.set_float32_matmul_precision("highest")
    dtype = choose_dtype(spec.precision, place)
    splits = prepare_splits(spec.dataset, runs, data_folder, download, dtype, place, check)
    data = next(iter(splits.values()))
    network = make_network(spec.network, data.shape, choose_outputs(spec.network, data.classes))
    sweep = Sweep(spec, runs, network, splits, check)
    begun, seconds = _begin(sweep, runs, place.type, checkpoints)
    yield Prepared(
        weights=sum(tensor.shape[0] * tensor.shape[1] for tensor in network.tensors),
        layers=network.layers,
        train_examples=len(data.train),
        validation_examples=len(data.validation),
        test_examples=len(data.test),
        steps_per_epoch=-(-len(data.train) // spec.choose_batch_size(len(data.train))),
        epoch=begun,
    )
    start = _make_values(0, sweep.measure_start()) if begun == 0 else None
    for epoch in range(begun + 1, spec.epochs + 1):
        if not sweep.is_training:
            break
        began = time.perf_counter()
        result = sweep.train_epoch(epoch)
        # Time that the consumer takes between events is not training.
        seconds += time.perf_counter() - began
        result.metrics["seconds"][:] = seconds
        yield _make_values(epoch, result, start)
        start = None
        is_last = epoch == spec.epochs or not sweep.is_training
        leaves = should_leave() and not is_last
        if checkpoints is not None and (leaves or (checkpoints.keeps_last if is_last else checkpoints.is_due())):
            check()
            yield _save(checkpoints, Checkpoint(epoch, seconds, place.type, tuple(runs), sweep.get_state()))
        if leaves:
            raise Stopped
    weights = _save_weights(sweep, runs, checkpoints)
    yield Completed(*sweep.test(), sweep.read_coefficients(), sweep.measure_optimum(), weights)


def _begin(sweep: Sweep, runs: Sequence[PlannedRun], device: str, checkpoints: Checkpoints | None) -> tuple[int, float]:
    """The epoch and the seconds of the checkpoint that the training resumes from; 0 without one."""
    found = checkpoints.load(runs, device) if checkpoints is not None else None
    if found is None:
        return 0, 0.0
    sweep.set_state(found.state)
    return found.epoch, found.seconds


def _make_values(epoch: int, result: SweepEpoch, start: EpochValues | None = None) -> EpochValues:
    return EpochValues(
        epoch,
        result.metrics,
        result.batch_losses,
        result.diverged,
        result.histograms,
        result.stopped,
        result.steps,
        start,
        result.layers,
    )


def _save(checkpoints: Checkpoints, checkpoint: Checkpoint) -> Saved | Unsaved:
    try:
        name, size = checkpoints.save(checkpoint)
    except OSError as error:
        return Unsaved(checkpoint.epoch, error.strerror or str(error))
    return Saved(checkpoint.epoch, name, size)


def _save_weights(sweep: Sweep, runs: Sequence[PlannedRun], checkpoints: Checkpoints | None) -> tuple[str | None, ...]:
    if checkpoints is None or not checkpoints.keeps_weights:
        return ()
    try:
        return tuple(checkpoints.save_weights(runs, sweep.read_final_parameters()))
    except OSError as error:
        print(f"The weights cannot be written: {error.strerror or error}", flush=True)
        return ()
