"""The batches of an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from core.spec import ExperimentSpec, PlannedRun
from worker.training.data import Examples
from worker.training.data.augmentation import make_augmentation
from worker.training.networks import Network
from worker.training.step.batch import Batch
from worker.training.step.bound_regularizers import BoundRegularizer, select
from worker.training.step.noise import Noise

# Numbers of the batches that are gathered at once.
GATHERED_NUMBERS = 2_000_000


class Batches:
    """Cuts the training examples into batches, augments them, and lets the regularizers of the inputs alter them."""

    def __init__(
        self,
        spec: ExperimentSpec,
        runs: Sequence[PlannedRun],
        network: Network,
        examples: Examples,
        bound: Sequence[BoundRegularizer],
    ) -> None:
        self._runs, self._examples = runs, examples
        self._is_full, self._size = spec.batch_size == "full", spec.choose_batch_size(len(examples))
        self._augmentation = make_augmentation(spec.dataset.augmentation, runs, examples.x.device)
        self._altering = select(bound, "input")
        # Dropout may act on the inputs, run by run; in networks of rectified layers it never does.
        is_shared = bool(network.rectified) or not select(bound, "mask")
        # Then one gathered batch does for all runs.
        self._has_one_order = self._augmentation is None and len({run.stream for run in runs}) == 1 and is_shared

    @property
    def noise(self) -> Noise | None:
        """The augmentation's."""
        return None if self._augmentation is None else self._augmentation.noise

    def draw(self, orders: Mapping[int, Tensor]) -> Iterator[Batch]:
        """One pass over the examples, each seed in its own order (examples,)."""
        for x, y in self._take_all() if self._is_full else self._gather(orders):
            yield self._alter(Batch(x if self._augmentation is None else self._augmentation.change(x), y))

    def _take_all(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Without copies of all examples for each run, whose order does not matter."""
        x, y = self._examples.x, self._examples.y
        runs = 1 if self._augmentation is None else len(self._runs)
        yield x.expand(runs, *x.shape), y.expand(len(self._runs), -1)

    def _gather(self, orders: Mapping[int, Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """x (M, B, *shape), or (1, B, *shape) where all runs have the same, and y (M, B)."""
        x, y = self._examples.x, self._examples.y
        streams = [self._runs[0].stream] if self._has_one_order else [run.stream for run in self._runs]
        own = torch.stack([orders[stream] for stream in streams]).to(x.device)
        # Several batches are gathered at once: many small gathers take longer than the products.
        steps = max(1, GATHERED_NUMBERS // (len(own) * self._size * x[0].numel()))
        for part in torch.split(own, self._size * steps, dim=1):
            xs = x.index_select(0, part.flatten()).view(*part.shape, *x.shape[1:])
            ys = y.index_select(0, part.flatten()).view(part.shape).expand(len(self._runs), -1)
            yield from zip(torch.split(xs, self._size, 1), torch.split(ys, self._size, 1), strict=True)

    def _alter(self, batch: Batch) -> Batch:
        if self._altering:
            batch.make_own()
        for each in self._altering:
            assert each.noise is not None
            each.regularizer.alter(batch, each.rows, each.noise)
        return batch
