"""(a) The tutorial's loop: one run after another, DataLoader, nn.Module, the penalty by autograd, torch.optim."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.peers.modules import list_weights, make_module
from benchmarks.peers.workload import Outcome, Work, draw_orders
from core.spec import PlannedRun
from worker.training.data import Examples

EVALUATION_BATCH = 256


def train(work: Work) -> list[Outcome]:
    return [_train_run(work, run) for run in work.runs]


def compute_penalty(run: PlannedRun, weights: list[nn.Parameter]) -> Tensor | float:
    """λ·Ω as one writes it down; L1's slope at 0 is autograd's, 0."""
    if run.regularizer == "l1":
        return run.strength * sum(weight.abs().sum() for weight in weights)
    if run.regularizer == "l2":
        return run.strength / 2 * sum(weight.pow(2).sum() for weight in weights)
    return 0.0


def _train_run(work: Work, run: PlannedRun) -> Outcome:
    torch.manual_seed(run.seed)
    model, data = make_module(work, run), work.data
    weights = list_weights(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=work.learning_rate)
    criterion = nn.CrossEntropyLoss()
    dataset = TensorDataset(data.train.x, data.train.y)
    measured = (0.0, 0.0), (0.0, 0.0)
    for batches in draw_orders(work, run.seed):
        model.train()
        running_loss = 0.0
        for x, y in DataLoader(dataset, batch_sampler=[batch.tolist() for batch in batches]):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            (loss + compute_penalty(run, weights)).backward()
            optimizer.step()
            running_loss += loss.item()
        measured = _evaluate(model, data.train), _evaluate(model, data.validation)
    return Outcome(measured[0][0], *measured[1])


@torch.no_grad()
def _evaluate(model: nn.Module, examples: Examples) -> tuple[float, float]:
    """Mean loss and accuracy."""
    model.eval()
    loss, hits = 0.0, 0
    for x, y in DataLoader(TensorDataset(examples.x, examples.y), batch_size=EVALUATION_BATCH):
        outputs = model(x)
        loss += nn.functional.cross_entropy(outputs, y, reduction="sum").item()
        hits += (outputs.argmax(1) == y).sum().item()
    return loss / len(examples), hits / len(examples)
