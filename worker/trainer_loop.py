"""What the trainer process does: imports torch once, stays warm, trains one order after the other."""

from __future__ import annotations

import os
import queue
import sys
import threading
import traceback
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from core.db.rows import CoefficientValues, EpochValues, HistogramValues, StopValues
from core.errors import RidgelineError
from core.spec import MLP, SGD, DatasetSpec, ExperimentSpec, PlannedRun
from worker.messages import End, Failed, Finished, Halted, Hello, Order, Stop
from worker.training import Coefficients, Completed, EpochCompleted, Stopped, train

NICENESS = 5
WARM_UP = ExperimentSpec(
    dataset=DatasetSpec(name="digits", train_examples=64),
    network=MLP(name="mlp", widths=[8]),
    optimizer=SGD(name="sgd", learning_rate=0.1),
    epochs=2,
)


class Inbox:
    """What the supervisor asks. A thread of its own reads, so that a stop is seen, and a lost supervisor noticed."""

    def __init__(self, pipe: Connection) -> None:
        self.orders: queue.Queue[Order] = queue.Queue()
        self.stopped = 0
        self._pipe = pipe
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                os._exit(0)
            if isinstance(message, Stop):
                self.stopped = message.number
            else:
                self.orders.put(message)


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


def carry_out(order: Order, pipe: Connection, inbox: Inbox, device: str) -> End:
    """Train, sending each epoch as it ends; how it came out."""
    try:
        return follow(order, pipe, inbox, device)
    except Stopped:
        return Halted()
    except RidgelineError as error:
        return Failed(error.message, spent=False)
    except Exception as error:
        traceback.print_exc()
        # Memory that is not given back, or a broken CUDA context, must not meet the next order.
        return Failed(f"{type(error).__name__}: {error}", spent=True)


def follow(order: Order, pipe: Connection, inbox: Inbox, device: str) -> End:
    events = train(
        ExperimentSpec.model_validate(order.spec),
        order.runs,
        data_folder=Path(order.data_folder),
        download=order.download,
        device=device,
        should_stop=lambda: inbox.stopped >= order.number,
    )
    for event in events:
        if isinstance(event, EpochCompleted):
            pipe.send(to_values(event))
        elif isinstance(event, Completed):
            return Finished(event.test_loss, event.test_score, to_coefficients(event.coefficients))
    return Failed("The training ended without a result.", spent=True)


def to_coefficients(coefficients: Coefficients | None) -> CoefficientValues | None:
    return None if coefficients is None else CoefficientValues(coefficients.weights, coefficients.intercepts)


def to_values(event: EpochCompleted) -> EpochValues:
    histograms = tuple(HistogramValues(h.run, h.layer, h.low, h.high, h.counts) for h in event.histograms)
    stopped = tuple(StopValues(stopping.run, stopping.by) for stopping in event.stopped)
    return EpochValues(event.epoch, event.metrics, event.batch_losses, event.diverged, histograms, stopped)
