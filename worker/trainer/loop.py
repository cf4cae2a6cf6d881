"""The loop of the trainer process: it imports torch once, stays warm, and trains one request after the other."""

from __future__ import annotations

import os
import sys
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from core.errors import RidgelineError
from core.spec import MLP, SGD, DatasetSpec, ExperimentSpec, PlannedRun
from worker.trainer.conversion import to_message
from worker.trainer.device import choose_device, describe_device
from worker.trainer.inbox import Inbox, Pacer
from worker.trainer.messages import End, Failed, Finished, Interrupted, TrainRequest
from worker.training import Checkpoints, Stopped, train

NICENESS = 5
WARM_UP = ExperimentSpec(
    dataset=DatasetSpec(name="digits", train_examples=64),
    network=MLP(name="mlp", widths=[8]),
    optimizer=SGD(name="sgd", learning_rate=0.1),
    epochs=2,
)


def serve(pipe: Connection, device: str) -> None:
    """Warm up, describe the device, and carry out requests for as long as the supervisor is there."""
    inbox = Inbox(pipe)
    torch.set_num_threads(1)
    device = choose_device(device)
    if device == "cpu" and hasattr(os, "nice"):
        os.nice(NICENESS)  # the API and the supervisor stay quick while every core trains
    warm_up(device)
    pipe.send(describe_device(device))
    while True:
        end = carry_out(inbox.requests.get(), pipe, inbox, device)
        pipe.send(end)
        if isinstance(end, Failed) and end.spent:
            sys.exit(0)


def warm_up(device: str) -> None:
    """Run everything once that is slow the first time."""
    runs = [PlannedRun("none", 0.0, 0)]
    for _ in train(WARM_UP, runs, data_folder=Path(), download=False, device=device):
        pass


def carry_out(request: TrainRequest, pipe: Connection, inbox: Inbox, device: str) -> End:
    """Train, sending each epoch as it ends; the end of the training."""
    try:
        return follow(request, pipe, inbox, device)
    except Stopped:
        return Interrupted()
    except RidgelineError as error:
        return Failed(error.message, spent=False)
    except Exception as error:
        traceback.print_exc()
        # Memory that is not given back, or a broken CUDA context, must not meet the next request.
        return Failed(f"{type(error).__name__}: {error}", spent=True)


def follow(request: TrainRequest, pipe: Connection, inbox: Inbox, device: str) -> End:
    pacer = Pacer(request, pipe, inbox)
    events = train(
        ExperimentSpec.model_validate(request.spec),
        request.runs,
        data_folder=Path(request.data_folder),
        download=request.download,
        device=device,
        should_stop=pacer.should_stop,
        should_leave=pacer.should_leave,
        checkpoints=find_checkpoints(request),
    )
    for message in map(to_message, events):
        if isinstance(message, Finished):
            return message
        pipe.send(message)
    return Failed("The training ended without a result.", spent=True)


def find_checkpoints(request: TrainRequest) -> Checkpoints:
    return Checkpoints(
        Path(request.checkpoints),
        request.mark,
        request.names,
        seconds=request.checkpoint_seconds,
        keeps_last=request.keeps_last,
        keeps_weights=request.keeps_weights,
    )
