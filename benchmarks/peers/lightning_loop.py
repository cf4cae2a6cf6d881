"""(d) Lightning in its usual form: a LightningModule and a Trainer per run, without loggers, bars and checkpoints."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator

import lightning
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.peers.modules import list_weights, make_module
from benchmarks.peers.tutorial import EVALUATION_BATCH, compute_penalty
from benchmarks.peers.workload import Outcome, Work, draw_orders
from core.spec import PlannedRun

Batch = tuple[Tensor, Tensor]


class Classifier(lightning.LightningModule):  # type: ignore[misc]  # read without types: it may be absent
    def __init__(self, work: Work, run: PlannedRun) -> None:
        super().__init__()
        self.model = make_module(work, run)
        self._run, self._rate = run, work.learning_rate
        self._weights = list_weights(self.model)

    def training_step(self, batch: Batch, index: int) -> Tensor:
        x, y = batch
        return nn.functional.cross_entropy(self.model(x), y) + compute_penalty(self._run, self._weights)

    def validation_step(self, batch: Batch, index: int, dataloader_idx: int = 0) -> None:
        x, y = batch
        outputs = self.model(x)
        self.log("loss", nn.functional.cross_entropy(outputs, y), batch_size=len(y))
        self.log("score", (outputs.argmax(1) == y).float().mean(), batch_size=len(y))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=self._rate)


def train(work: Work) -> list[Outcome]:
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [_train_run(work, run) for run in work.runs]


def _train_run(work: Work, run: PlannedRun) -> Outcome:
    torch.manual_seed(run.seed)
    epochs = iter(draw_orders(work, run.seed))
    data, dataset = work.data, TensorDataset(work.data.train.x, work.data.train.y)

    class Batches:
        """The engine's order, anew each epoch."""

        def __iter__(self) -> Iterator[list[int]]:
            return iter([batch.tolist() for batch in next(epochs)])

        def __len__(self) -> int:
            return -(-len(data.train) // work.spec.choose_batch_size(len(data.train)))

    trainer = lightning.Trainer(
        accelerator="cpu", max_epochs=work.epochs, logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0,
    )  # fmt: skip
    sets = [DataLoader(TensorDataset(e.x, e.y), batch_size=EVALUATION_BATCH) for e in (data.train, data.validation)]
    trainer.fit(Classifier(work, run), DataLoader(dataset, batch_sampler=Batches()), sets)
    seen = trainer.callback_metrics
    names = ("loss/dataloader_idx_0", "loss/dataloader_idx_1", "score/dataloader_idx_1")
    return Outcome(*(float(seen[name]) for name in names))
