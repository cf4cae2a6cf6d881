"""What both sides train: runs of an experiment, on the engine's own data, batches and starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.planning import plan_runs
from core.spec import CNN, Adam, ExperimentSpec, PlannedRun
from worker.training.data import Dataset, load_arrays, prepare
from worker.training.networks import make_network
from worker.training.rng import BatchOrder


@dataclass(frozen=True)
class Work:
    """``document``: of the experiment, plain values, so that it can be sent to another process.

    ``epochs``: the first ones of the experiment's, which are trained; so that what the engine does in some epochs only
    (histograms: 12 in 50) weighs nearly as much as in the whole.
    """

    document: str
    runs: tuple[PlannedRun, ...]
    epochs: int

    @property
    def spec(self) -> ExperimentSpec:
        return ExperimentSpec.model_validate_json(self.document)

    @property
    def learning_rate(self) -> float:
        """Adam's: the peers train with no other optimizer."""
        optimizer = self.spec.optimizer
        assert isinstance(optimizer, Adam)
        return optimizer.learning_rate

    @property
    def data(self) -> Dataset:
        return _load(self.document)


@dataclass(frozen=True)
class Outcome:
    """What a run ends with: train and validation loss, validation score."""

    train_loss: float
    validation_loss: float
    validation_score: float


@cache
def _load(document: str) -> Dataset:
    spec = ExperimentSpec.model_validate_json(document)
    return prepare(spec.dataset, load_arrays(spec.dataset, Path("unused"), False), torch.float32, torch.device("cpu"))


def draw_orders(work: Work, seed: int) -> list[list[Tensor]]:
    """The engine's own batches of a run of this seed: indices, per epoch and step."""
    order = BatchOrder({seed: len(work.data.train)})
    size = work.spec.choose_batch_size(len(work.data.train))
    return [list(order.draw()[seed].split(size)) for _ in range(work.epochs)]


def draw_state(work: Work, seed: int) -> list[Tensor]:
    """The engine's own start of a run of this seed, as torch's layers want it: weight, bias, weight, bias, …"""
    spec, shape = work.spec, work.data.shape
    network = make_network(spec.network, shape, work.data.classes or 1)
    drawn = zip(network.tensors, network.draw(seed), strict=True)
    tensors = {tensor.name: value.float() for tensor, value in drawn}
    for name, value in tensors.items():
        if name.startswith("conv") and name.endswith("weight"):
            tensors[name] = value.view(len(value), 3, 3, -1).permute(0, 3, 1, 2).contiguous()
        elif name.endswith("bias"):
            tensors[name] = value[0]
    if isinstance(spec.network, CNN):
        height, width = (length // 2 ** len(spec.network.channels) for length in shape[:2])
        flat = tensors["hidden.weight"].view(spec.network.hidden, height, width, -1)
        tensors["hidden.weight"] = flat.permute(0, 3, 1, 2).flatten(1)
    return list(tensors.values())


def count_operations(work: Work) -> float:
    """Floating-point operations of the matrix products that training and evaluating a dense network need, all epochs.

    Forward, weights' gradients and, but for the first layer, inputs' gradients; evaluation of both sets each epoch.
    """
    network = make_network(work.spec.network, work.data.shape, work.data.classes or 1)
    sizes = [tensor.shape[0] * tensor.shape[1] for tensor in network.tensors if tensor.is_weight]
    trained, evaluated = len(work.data.train), len(work.data.train) + len(work.data.validation)
    epoch = trained * (6 * sum(sizes) - 2 * sizes[0]) + evaluated * 2 * sum(sizes)
    return float(epoch * work.epochs * len(work.runs))


def make_work(document: dict[str, Any], epochs: int, runs: int | None = None) -> Work:
    """All runs of the experiment, or the first ones."""
    spec = ExperimentSpec.model_validate(document)
    return Work(spec.model_dump_json(), tuple(plan_runs(spec)[:runs]), epochs)
