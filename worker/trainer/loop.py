"""What the trainer process does: imports torch once, stays warm, trains one order after the other."""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
import traceback
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from core.db.records import CoefficientValues, EpochValues, HistogramValues, StopValues
from core.errors import RidgelineError
from core.spec import MLP, SGD, DatasetSpec, ExperimentSpec, PlannedRun
from worker.trainer.messages import (
    Beat,
    End,
    Failed,
    Finished,
    Hello,
    Interrupted,
    Message,
    Saved,
    Started,
    Stop,
    TrainRequest,
    Unsaved,
)
from worker.training import Checkpoints, Coefficients, Completed, EpochCompleted, Prepared, Stopped, events, train

NICENESS = 5
BEAT_SECONDS = 1.0
PAUSE_SECONDS = 0.05
WARM_UP = ExperimentSpec(
    dataset=DatasetSpec(name="digits", train_examples=64),
    network=MLP(name="mlp", widths=[8]),
    optimizer=SGD(name="sgd", learning_rate=0.1),
    epochs=2,
)


class Inbox:
    """What the supervisor asks. A thread of its own reads, so that a stop is seen, and a lost supervisor noticed."""

    def __init__(self, pipe: Connection) -> None:
        self.orders: queue.Queue[TrainRequest] = queue.Queue()
        self.stopped = 0
        self.leaving = 0
        self._heard = time.monotonic()
        self._pipe = pipe
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                os._exit(0)
            self._heard = time.monotonic()
            if isinstance(message, Stop):
                self.leaving = message.number
                self.stopped = message.number if message.at_once else self.stopped
            elif isinstance(message, TrainRequest):
                self.orders.put(message)

    def is_silent(self, seconds: float) -> bool:
        """Whether nothing was heard for so long."""
        return time.monotonic() - self._heard > seconds


class Pacer:
    """Asked before each step: says now and then that the trainer is alive, and waits while its supervisor may not be.

    A supervisor that is frozen can lose the job without knowing; another trainer would then train it too.
    """

    def __init__(self, order: TrainRequest, pipe: Connection, inbox: Inbox) -> None:
        self._order, self._pipe, self._inbox = order, pipe, inbox
        self._beaten = time.monotonic()

    def should_stop(self) -> bool:
        self._beat()
        while self._inbox.is_silent(self._order.patience) and not self._is_stopped():
            time.sleep(PAUSE_SECONDS)
        return self._is_stopped()

    def should_leave(self) -> bool:
        return self._inbox.leaving >= self._order.number

    def _is_stopped(self) -> bool:
        return self._inbox.stopped >= self._order.number

    def _beat(self) -> None:
        if time.monotonic() - self._beaten > BEAT_SECONDS:
            self._pipe.send(Beat())
            self._beaten = time.monotonic()


def serve(pipe: Connection, device: str) -> None:
    """Warm up, say so, and carry out orders for as long as the supervisor is there."""
    inbox = Inbox(pipe)
    torch.set_num_threads(1)
    device = choose_device(device)
    if device == "cpu" and hasattr(os, "nice"):
        os.nice(NICENESS)  # the API and the supervisor stay quick while every core trains
    warm_up(device)
    pipe.send(introduce(device))
    while True:
        end = carry_out(inbox.orders.get(), pipe, inbox, device)
        pipe.send(end)
        if isinstance(end, Failed) and end.spent:
            sys.exit(0)


def choose_device(device: str) -> str:
    if device == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    return device


def warm_up(device: str) -> None:
    """Run everything once that is slow the first time."""
    runs = [PlannedRun("none", 0.0, 0)]
    for _ in train(WARM_UP, runs, data_folder=Path(), download=False, device=device):
        pass


def introduce(device: str) -> Hello:
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    versions = {name: version(name) for name in ("ridgeline", "torch", "celery")}
    versions["python"] = ".".join(map(str, sys.version_info[:3]))
    if device == "cpu":
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return Hello(device, name_cpu(), memory, gpus, versions)
    properties = torch.cuda.get_device_properties(device)
    versions["cuda"] = torch.version.cuda or ""
    return Hello(device, properties.name, properties.total_memory, gpus, versions)


def name_cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "CPU")


def carry_out(order: TrainRequest, pipe: Connection, inbox: Inbox, device: str) -> End:
    """Train, sending each epoch as it ends; how it came out."""
    try:
        return follow(order, pipe, inbox, device)
    except Stopped:
        return Interrupted()
    except RidgelineError as error:
        return Failed(error.message, spent=False)
    except Exception as error:
        traceback.print_exc()
        # Memory that is not given back, or a broken CUDA context, must not meet the next order.
        return Failed(f"{type(error).__name__}: {error}", spent=True)


def follow(order: TrainRequest, pipe: Connection, inbox: Inbox, device: str) -> End:
    pacer = Pacer(order, pipe, inbox)
    said = train(
        ExperimentSpec.model_validate(order.spec),
        order.runs,
        data_folder=Path(order.data_folder),
        download=order.download,
        device=device,
        should_stop=pacer.should_stop,
        should_leave=pacer.should_leave,
        checkpoints=Checkpoints(
            Path(order.checkpoints),
            order.mark,
            order.names,
            seconds=order.checkpoint_seconds,
            keeps_last=order.keeps_last,
        ),
    )
    for event in said:
        if isinstance(event, Completed):
            return Finished(event.test_loss, event.test_score, to_coefficients(event.coefficients))
        pipe.send(to_message(event))
    return Failed("The training ended without a result.", spent=True)


def to_message(event: Prepared | EpochCompleted | events.Saved | events.Unsaved) -> Message:
    match event:
        case Prepared():
            return Started(event.epoch)
        case EpochCompleted():
            return to_values(event)
        case events.Saved():
            return Saved(event.epoch, event.name, event.size)
        case events.Unsaved():
            return Unsaved(event.error)


def to_coefficients(coefficients: Coefficients | None) -> CoefficientValues | None:
    return None if coefficients is None else CoefficientValues(coefficients.weights, coefficients.intercepts)


def to_values(event: EpochCompleted) -> EpochValues:
    histograms = tuple(HistogramValues(h.run, h.layer, h.low, h.high, h.counts) for h in event.histograms)
    stopped = tuple(StopValues(stopping.run, stopping.by) for stopping in event.stopped)
    return EpochValues(event.epoch, event.metrics, event.batch_losses, event.diverged, histograms, stopped)
