"""The engine: a generator of events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn import functional

from core.spec import MLP, ExperimentSpec, PlannedRun
from worker.training.events import METRICS, Completed, EpochCompleted, Event, LayerHistogram, Prepared, Stopped


def _stack(spec: ExperimentSpec, runs: Sequence[PlannedRun]) -> list[Tensor]:
    widths = [64, *(spec.network.widths if isinstance(spec.network, MLP) else []), 10]
    parameters = []
    for run in runs:
        generator = torch.Generator().manual_seed(run.seed)
        own = []
        for fan_in, fan_out in zip(widths, widths[1:], strict=False):
            bound = fan_in**-0.5
            own.append(torch.empty(fan_out, fan_in).uniform_(-bound, bound, generator=generator))
            own.append(torch.empty(1, fan_out).uniform_(-bound, bound, generator=generator))
        parameters.append(own)
    return [torch.stack(tensors).requires_grad_() for tensors in zip(*parameters, strict=True)]


def _forward(parameters: list[Tensor], x: Tensor) -> Tensor:
    for i in range(0, len(parameters), 2):
        if i:
            x = x.relu()
        x = torch.baddbmm(parameters[i + 1], x, parameters[i].mT)
    return x


def _measure(parameters: list[Tensor], x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    logits = _forward(parameters, x.expand(len(parameters[0]), -1, -1))
    target = y.expand(len(logits), -1)
    return functional.cross_entropy(logits.mT, target, reduction="none").mean(1), (logits.argmax(-1) == target).to(
        x
    ).mean(1)


def train(
    spec: ExperimentSpec,
    runs: Sequence[PlannedRun],
    *,
    data_folder: Path,
    download: bool,
    device: str,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Event]:
    """Train ``runs`` of ``spec`` together; yields Prepared, one EpochCompleted per epoch, Completed.

    Raises Stopped once ``should_stop`` answers yes, DatasetUnavailableError when the data is not there.
    """
    x, y = (torch.as_tensor(a) for a in load_digits(return_X_y=True))
    x = ((x - x.mean(0)) / x.std(0).clamp(min=1e-8)).float()
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(spec.dataset.split_seed))
    test, validation, rest = order[:359], order[359:718], order[718:]
    rest = rest[: spec.dataset.train_examples]
    parameters = _stack(spec, runs)
    steps = -(-len(rest) // spec.batch_size)
    strengths = torch.tensor([run.strength if run.regularizer == "l2" else 0.0 for run in runs])[:, None, None]
    layers = tuple(f"layer{i + 1}" for i in range(len(parameters) // 2))
    yield Prepared(sum(p[0].numel() for p in parameters), layers, len(rest), len(validation), len(test), steps)
    generators = {run.seed: torch.Generator().manual_seed(run.seed + 2**32) for run in runs}
    start = time.perf_counter()
    for epoch in range(1, spec.epochs + 1):
        orders = {seed: rest[torch.randperm(len(rest), generator=g)] for seed, g in generators.items()}
        order = torch.stack([orders[run.seed] for run in runs])
        losses = []
        for step in range(steps):
            if should_stop():
                raise Stopped
            index = order[:, step * spec.batch_size : (step + 1) * spec.batch_size]
            loss = functional.cross_entropy(_forward(parameters, x[index]).mT, y[index], reduction="none").mean(1)
            gradients = torch.autograd.grad(loss.sum(), parameters)
            with torch.no_grad():
                for i, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
                    decay = strengths * parameter if i % 2 == 0 else 0
                    parameter -= spec.optimizer.learning_rate * (gradient + decay)
            losses.append(loss.detach())
        with torch.no_grad():
            weights = torch.cat([p.flatten(1) for p in parameters[::2]], 1)
            train_loss, train_score = _measure(parameters, x[rest], y[rest])
            validation_loss, validation_score = _measure(parameters, x[validation], y[validation])
            l2 = weights.norm(dim=1)
            columns = (
                train_loss,
                validation_loss,
                train_score,
                validation_score,
                strengths.flatten() * l2**2 / 2,
                weights.abs().sum(1),
                l2,
                (weights == 0).float().mean(1),
                torch.zeros(len(runs)),
                torch.full((len(runs),), spec.optimizer.learning_rate),
                torch.full((len(runs),), time.perf_counter() - start),
            )
        histograms = []
        if epoch in (1, spec.epochs):
            for m in range(len(runs)):
                for layer, parameter in zip(layers, parameters[::2], strict=True):
                    counts, edges = np.histogram(parameter[m].detach().numpy(), 64)
                    histograms.append(LayerHistogram(m, layer, edges[0], edges[-1], counts.astype(np.uint32)))
        metrics = {name: column.double().numpy() for name, column in zip(METRICS, columns, strict=True)}
        yield EpochCompleted(epoch, metrics, torch.stack(losses, 1).numpy(), (), tuple(histograms))
    with torch.no_grad():
        loss, score = _measure(parameters, x[test], y[test])
    yield Completed(loss.double().numpy(), score.double().numpy())
