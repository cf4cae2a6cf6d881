"""The metrics of an epoch, put together from those of the stacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.catalogue.epoch_values import HistogramValues, StopValues
from worker.training.events import METRICS
from worker.training.stack import Stack, StackEpoch
from worker.training.stack.measures import count_tensors
from worker.training.sweep.cutting import Indices

# Known of diverged and stopped runs too.
_NOT_MEASURED = ("learning_rate", "seconds")


@dataclass(frozen=True)
class SweepEpoch:
    """As EpochValues, of all runs in the order given; ``seconds`` is still empty."""

    metrics: dict[str, NDArray[np.float64]]
    batch_losses: NDArray[np.float32]
    diverged: tuple[int, ...]
    histograms: tuple[HistogramValues, ...]
    stopped: tuple[StopValues, ...]
    steps: NDArray[np.int64]
    layers: NDArray[np.float32]


class EpochRecord:
    """The metrics of M runs, NaN until recorded, and of their L ``layers``.

    ``steps`` (M,): of each; ``shifts``: see ``measure_shift``.
    """

    def __init__(self, steps: NDArray[np.int64], layers: Sequence[str]) -> None:
        runs, self._steps = len(steps), steps
        self.metrics = {name: np.full(runs, np.nan) for name in METRICS}
        self.shifts = np.full(runs, np.nan)
        self._batch_losses = np.full((runs, steps.max()), np.nan, dtype=np.float32)
        self._layers, self._of_layers = layers, np.full((runs, len(layers), 3), np.nan, dtype=np.float32)
        self._diverged: list[int] = []
        self._histograms: list[HistogramValues] = []

    def add(self, indices: Indices, result: StackEpoch, training: NDArray[np.bool_]) -> None:
        """A stack's epoch; ``training``: the runs that had it."""
        rows = np.flatnonzero(training[indices])
        self.add_metrics(indices, result.metrics, result.layers)
        self._batch_losses[indices[rows], : result.batch_losses.shape[1]] = result.batch_losses[rows]
        self.shifts[indices] = result.shift[: len(indices)]

    def add_metrics(
        self, indices: Indices, metrics: Mapping[str, NDArray[np.float64]], layers: NDArray[np.float32]
    ) -> None:
        """Those of a stack, by name, and of its layers."""
        for name, column in metrics.items():
            self.metrics[name][indices] = column[: len(indices)]
        self._of_layers[indices] = layers[: len(indices)]

    def add_diverged(self, runs: Sequence[int]) -> None:
        self._diverged += runs

    def add_histograms(self, indices: Indices, stack: Stack, training: NDArray[np.bool_]) -> None:
        """Of the stack's runs that train."""
        self._histograms += [
            HistogramValues(int(index), layer, float(low[row]), float(high[row]), counts[row])
            for layer, (low, high, counts) in zip(
                self._layers, count_tensors(stack.parameters.weights.tensors), strict=True
            )
            for row, index in enumerate(indices)
            if training[index]
        ]

    def clear(self, training: NDArray[np.bool_], with_change: bool) -> None:
        """Leave nothing measured of runs that do not train. ``with_change``: whether the shifts are a metric too."""
        for name in set(METRICS).difference(_NOT_MEASURED):
            self.metrics[name][~training] = np.nan
        self._of_layers[~training] = np.nan
        if with_change:
            self.metrics["change"] = np.where(training, self.shifts, np.nan)

    def conclude(self, stopped: tuple[StopValues, ...]) -> SweepEpoch:
        """``stopped``: the runs that end with this epoch."""
        diverged, histograms = tuple(sorted(self._diverged)), tuple(self._histograms)
        return SweepEpoch(self.metrics, self._batch_losses, diverged, histograms, stopped, self._steps, self._of_layers)
