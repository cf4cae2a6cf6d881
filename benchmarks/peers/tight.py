"""(b) A tight loop by hand: tensors indexed by a permutation, no DataLoader, fused Adam, penalties in closed form."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.peers.modules import list_weights, make_module
from benchmarks.peers.workload import Outcome, Work, draw_orders
from core.spec import PlannedRun
from worker.training.data import Examples


def train(work: Work) -> list[Outcome]:
    return [_train_run(work, run) for run in work.runs]


def _make_optimizer(work: Work, run: PlannedRun, model: nn.Module) -> torch.optim.Optimizer:
    """L2 is the weight decay that Adam has within its one pass."""
    weights = list_weights(model)
    biases = [parameter for name, parameter in model.named_parameters() if name.endswith("bias")]
    decay = run.strength if run.regularizer == "l2" else 0.0
    groups: list[dict[str, Any]] = [{"params": weights, "weight_decay": decay}, {"params": biases}]
    return torch.optim.Adam(groups if decay else model.parameters(), lr=work.learning_rate, fused=True)


def _train_run(work: Work, run: PlannedRun) -> Outcome:
    torch.manual_seed(run.seed)
    model, data = make_module(work, run), work.data
    optimizer = _make_optimizer(work, run, model)
    absolute = list_weights(model) if run.regularizer == "l1" else []
    x, y = data.train.x, data.train.y
    measured: tuple[Tensor, Tensor] = torch.zeros(2), torch.zeros(2)
    for batches in draw_orders(work, run.seed):
        model.train()
        for batch in batches:
            functional.cross_entropy(model(x[batch]), y[batch]).backward()
            for weight in absolute:
                assert weight.grad is not None
                weight.grad.add_(weight.detach().sign(), alpha=run.strength)
            optimizer.step()
            optimizer.zero_grad()
        measured = _evaluate(model, data.train), _evaluate(model, data.validation)
    train_loss, validation = measured[0][0].item(), measured[1].tolist()
    return Outcome(train_loss, validation[0], validation[1])


@torch.inference_mode()
def _evaluate(model: nn.Module, examples: Examples) -> Tensor:
    """Mean loss and accuracy, all examples at once."""
    model.eval()
    outputs = model(examples.x)
    hits = (outputs.argmax(1) == examples.y).float().mean()
    return torch.stack([functional.cross_entropy(outputs, examples.y), hits])
