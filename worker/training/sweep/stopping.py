"""The rules that end runs before the last epoch: early stopping, tolerance, halving."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from core.catalogue.epoch_values import StopValues
from core.spec import ExperimentSpec, HalvingSpec, PlannedRun
from core.spec.stopping import Reason, find_patience
from worker.training.run_state import RunState

Column = NDArray[np.float64]
Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """``improved`` (M,): runs under early stopping whose best epoch this is. ``stopped``: runs that end with it."""

    improved: Rows
    stopped: tuple[StopValues, ...]


class StoppingRules:
    """Follows the M runs of a sweep epoch by epoch; ``monitored`` (M,): those under early stopping.

    Early stopping ends a run once ``patience`` epochs in a row brought no new lowest validation loss (after Prechelt
    1998, "Early Stopping — But When?"). The tolerance ends one whose parameters moved by no more than that share of
    the largest of them. Halving is ``choose_worst``; there a run under early stopping counts with its lowest loss.
    """

    _known: ClassVar = ("lowest", "best_epoch", "loss")

    def __init__(self, spec: ExperimentSpec, runs: Sequence[PlannedRun]) -> None:
        self._spec, self._runs = spec, runs
        self._patience = np.array([find_patience(spec, run) or math.inf for run in runs])
        self.monitored: Rows = np.isfinite(self._patience)
        self._lowest = np.full(len(runs), math.inf)
        self._best_epoch = np.zeros(len(runs))
        # The loss by which halving ranks each run: a run that diverged is worse than any number.
        self._loss = np.full(len(runs), math.inf)

    def get_state(self) -> RunState:
        """Of all M runs."""
        return RunState({name: torch.from_numpy(getattr(self, f"_{name}").copy()) for name in self._known})

    def set_state(self, state: RunState) -> None:
        """Go on from there; ``state``: of the same runs."""
        for name in self._known:
            setattr(self, f"_{name}", state.rows[name].numpy().copy())

    def judge(self, epoch: int, losses: Column, shifts: Column, training: Rows, diverged: Rows) -> Verdict:
        """``losses``: validation losses (M,); ``shifts``: see ``measure_shift``; ``training``: runs that had this epoch
        and go on as far as they themselves are concerned; ``diverged``: those that ever did.
        """
        improved = training & self.monitored & (losses < self._lowest)
        self._lowest[improved], self._best_epoch[improved] = losses[improved], epoch
        self._loss[training] = np.where(self.monitored, self._lowest, losses)[training]
        self._loss[diverged] = math.inf
        reasons: dict[int, StopValues] = {}
        self._mark(reasons, "early_stopping", training & (epoch - self._best_epoch >= self._patience))
        if self._spec.tolerance is not None:
            self._mark(reasons, "tolerance", training & (shifts <= self._spec.tolerance))
        if self._spec.halving is not None and epoch in self._spec.halving.at:
            left = training.copy()
            left[list(reasons)] = False
            self._mark(reasons, "halving", self._halve(self._spec.halving, left))
        return Verdict(improved, tuple(reasons[run] for run in sorted(reasons)))

    def _mark(self, reasons: dict[int, StopValues], by: Reason, rows: Rows) -> None:
        for run in np.flatnonzero(rows).tolist():
            reasons.setdefault(run, StopValues(run, by))

    def _halve(self, halving: HalvingSpec, training: Rows) -> Rows:
        """Of each regularizer, the rows that train of the strengths that do not go on."""
        stopped = np.zeros(len(self._runs), dtype=bool)
        for regularizer in self._spec.regularizers:
            rows: dict[float, list[int]] = {}
            for index, run in enumerate(self._runs):
                if run.regularizer == regularizer.key:
                    rows.setdefault(run.strength, []).append(index)
            # From weak to strong: of equal ones the weaker goes on.
            order = sorted(rows, reverse=regularizer.smaller_is_stronger)
            candidates = [strength for strength in order if training[rows[strength]].any()]
            losses = [self._loss[rows[strength]] for strength in candidates]
            for place in choose_worst(losses, halving.count_kept(len(losses))):
                stopped[rows[candidates[place]]] = True
        return stopped & training


def choose_worst(losses: Sequence[Column], kept: int) -> list[int]:
    """Places of the strengths that do not go on: all but the ``kept`` best by mean over seeds (``losses``, one each).

    A seed that diverged (∞) counts as worse than any number, so strengths are ranked by how many did first. Of
    equal ones the earlier goes on.
    """
    return sorted(sorted(range(len(losses)), key=lambda place: _rank(losses[place]))[kept:])


def _rank(losses: Column) -> tuple[int, float]:
    finite = losses[np.isfinite(losses)]
    return losses.size - finite.size, float(finite.mean()) if finite.size else math.inf
