"""Small sweeps for the tests of the training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.catalogue import choose_outputs
from core.planning import plan_runs
from core.spec import ExperimentSpec, PlannedRun
from worker.training import Completed, EpochValues, Event, train
from worker.training.data import Dataset, prepare_splits
from worker.training.networks import make_network
from worker.training.stack import Stack
from worker.training.sweep import Sweep

NETWORKS: dict[str, dict[str, Any]] = {
    "linear": {"name": "linear"},
    "mlp": {"name": "mlp", "widths": [33, 17], "activation": "tanh", "normalization": "layer"},
    "cnn": {"name": "cnn", "channels": [3, 5], "hidden": 11},
    "resnet": {"name": "resnet", "channels": [3, 5]},
}
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "sgd": {"name": "sgd", "learning_rate": 0.05},
    "momentum": {"name": "sgd", "learning_rate": 0.02, "momentum": 0.9, "dampening": 0.1, "weight_decay": 1e-3},
    "nesterov": {"name": "sgd", "learning_rate": 0.02, "momentum": 0.9, "nesterov": True},
    "adam": {"name": "adam", "learning_rate": 0.002},
    "adam_decayed": {"name": "adam", "learning_rate": 0.002, "weight_decay": 1e-2},
    "adamw": {"name": "adamw", "learning_rate": 0.002, "weight_decay": 0.1},
    "rmsprop": {"name": "rmsprop", "learning_rate": 0.001, "momentum": 0.5, "weight_decay": 1e-3},
    "adagrad": {"name": "adagrad", "learning_rate": 0.02, "learning_rate_decay": 0.01},
    "adadelta": {"name": "adadelta", "learning_rate": 1.0, "weight_decay": 1e-3},
}
REGULARIZERS: dict[str, dict[str, Any]] = {
    "l2": {"name": "l2"},
    "l1": {"name": "l1"},
    "l1_subgradient": {"name": "l1_subgradient"},
    "elastic_net": {"name": "elastic_net", "mixing": 0.3},
    "weight_decay": {"name": "weight_decay"},
    "tensor_norm_1": {"name": "tensor_norm", "p": 1},
    "tensor_norm_2": {"name": "tensor_norm", "p": 2},
    "dropout": {"name": "dropout"},
    "group_lasso": {"name": "group_lasso"},
    "max_norm": {"name": "max_norm"},
    "label_smoothing": {"name": "label_smoothing"},
    "mixup": {"name": "mixup"},
    "gaussian_noise": {"name": "gaussian_noise"},
    "sam": {"name": "sam"},
    "stochastic_depth": {"name": "stochastic_depth"},
}
# It acts on residual branches: sweeps of other networks are made without it.
RESIDUAL = {"stochastic_depth"}
# Those that a regression may have too.
WITHOUT_CLASSES = [name for name in REGULARIZERS if name != "label_smoothing"]
# The strength that leaves the baseline as it is, where 0 is not legal.
NEUTRAL = {"max_norm": 1e6}


def regularize(*names: str, strengths: Sequence[float] = (0.01,)) -> list[dict[str, Any]]:
    """The named regularizers, all with the same strengths (but for what 0 is to them); every one if none is named."""
    return [
        {**REGULARIZERS[name], "strengths": [strength or NEUTRAL.get(name, 0.0) for strength in strengths]}
        for name in names or REGULARIZERS
    ]


def is_neutral(run: PlannedRun) -> bool:
    """Whether the run is to equal the baseline."""
    return run.strength == NEUTRAL.get(run.regularizer, 0.0)


def make_spec(network_name: str = "mlp", optimizer_name: str = "adam", **changes: Any) -> ExperimentSpec:
    """Digits, 40 examples in batches of 16: three steps an epoch, the last one short."""
    spec: dict[str, Any] = {
        "dataset": {"name": "digits", "train_examples": 40, "validation_fraction": 0.02, "test_fraction": 0.02},
        "network": NETWORKS[network_name],
        "optimizer": OPTIMIZERS[optimizer_name],
        "regularizers": regularize(),
        "epochs": 3,
        "batch_size": 16,
        "seeds": 1,
    }
    spec |= changes
    if spec["network"]["name"] != "resnet":
        spec["regularizers"] = [each for each in spec["regularizers"] if each["name"] not in RESIDUAL]
    return ExperimentSpec.model_validate(spec)


def make_sweep(
    spec: ExperimentSpec,
    runs: Sequence[PlannedRun] | None = None,
    stack_size: int | None = None,
    data: Dataset | None = None,
) -> Sweep:
    """On the CPU, in stacks of ``stack_size``; ``data`` in place of the spec's data set, with a fixed split."""
    planned = runs or plan_runs(spec)
    dtype = torch.float64 if spec.precision == "float64" else torch.float32
    if data is not None:
        splits = {(0, 0): data}
    else:
        splits = prepare_splits(spec.dataset, planned, Path("unused"), False, dtype, torch.device("cpu"))
    first = next(iter(splits.values()))
    network = make_network(spec.network, first.shape, choose_outputs(spec.network, first.classes))
    return Sweep(spec, planned, network, splits, lambda: None, stack_size)


def get_stack(sweep: Sweep) -> Stack:
    """That of a sweep that has one."""
    ((_, stack),) = sweep.stacks
    return stack


def train_sweep(
    spec: ExperimentSpec, runs: Sequence[PlannedRun] | None = None, stack_size: int | None = None
) -> list[Tensor]:
    """The parameters of each run, flat, after the spec's epochs."""
    sweep = make_sweep(spec, runs, stack_size)
    for epoch in range(1, spec.epochs + 1):
        sweep.train_epoch(epoch)
    return [torch.cat([tensor.flatten() for tensor in run.values()]) for run in sweep.read_parameters()]


def collect(spec: ExperimentSpec, **changes: Any) -> list[Event]:
    """Every event of a training of the whole sweep."""
    options: dict[str, Any] = {"data_folder": Path("unused"), "download": False, "device": "cpu"} | changes
    return list(train(spec, options.pop("runs", None) or plan_runs(spec), **options))


def get_epochs(events: Sequence[Event]) -> list[EpochValues]:
    return [event for event in events if isinstance(event, EpochValues)]


def get_completed(events: Sequence[Event]) -> Completed:
    assert isinstance(events[-1], Completed)
    return events[-1]
