"""Trajectories of an experiment's runs, cut at the last epoch that all of them have come to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.figures.curves.history import History
from backend.figures.data import Curves, RunKey
from core.analysis.claims.trajectory import Loss, Trajectory
from core.db.queries.histograms import read_largest_weights
from core.db.queries.metrics import read_batch_losses, read_columns
from core.db.queries.runs import list_briefs
from core.db.states import TERMINAL, State
from core.spec import BASELINE, ExperimentSpec
from core.spec.stopping import find_patience

_METRICS = ("train_loss", "train_score", "validation_loss", "weight_l2", "zero_share")
# So many runs' minibatch losses are held at once.
_AT_ONCE = 50
# States of runs whose curves may be shorter than those of others.
_PARTIAL = frozenset({State.QUEUED, State.RUNNING, State.CANCELLED})


@dataclass(frozen=True)
class ComparedRuns:
    """``epoch``: the last that all have come to; ``start``: the first of their curves; ``unended``: of ``total``."""

    trajectories: list[Trajectory]
    epoch: int
    start: int
    unended: int
    total: int


class TrajectoryReader:
    """Reads again and again, of the epochs' rows only new ones. For one thread at a time."""

    def __init__(self) -> None:
        self._history: tuple[frozenset[str], History] | None = None

    def read(self, session: Session, experiment_id: int, spec: ExperimentSpec) -> ComparedRuns:
        keys = frozenset({BASELINE, *(regularizer.key for regularizer in spec.regularizers)})
        if self._history is None or self._history[0] != keys:
            self._history = keys, History(keys, _METRICS, "epoch")
        curves = self._history[1].advance(session, experiment_id)
        states = {brief.id: State(brief.state) for brief in list_briefs(session, [experiment_id])[experiment_id]}
        epoch = _find_common_epoch(curves, states)
        compared = [row for row, run in enumerate(curves.runs) if _is_compared(curves, row, run, states, epoch)]
        cut = _Cut(session, curves.select(compared), states, epoch, spec)
        unended = sum(state not in TERMINAL for state in states.values())
        return ComparedRuns(cut.list_trajectories(), epoch, cut.start, unended, len(states))


def _find_common_epoch(curves: Curves, states: Mapping[int, State]) -> int:
    lengths = list(zip(curves.runs, curves.lengths.tolist(), strict=True))
    partial = [
        length
        for run, length in lengths
        if length and states[run.id] in _PARTIAL and not run.stopped and run.diverged_epoch is None
    ]
    whole = [length for run, length in lengths if states[run.id] == State.COMPLETED]
    return min(partial, default=max(whole, default=0))


def _is_compared(curves: Curves, row: int, run: RunKey, states: Mapping[int, State], epoch: int) -> bool:
    """Those that have begun, and lost ones, which are to be named."""
    if run.diverged_epoch is not None or states[run.id] == State.FAILED:
        return True
    length = int(curves.lengths[row])
    return length > 0 and (length >= epoch or run.stopped)


class _Cut:
    """Runs, cut at an epoch."""

    def __init__(
        self, session: Session, curves: Curves, states: Mapping[int, State], epoch: int, spec: ExperimentSpec
    ) -> None:
        self._session, self._curves, self._states, self._spec = session, curves, states, spec
        self._ids = [run.id for run in curves.runs]
        self._ends = np.minimum(curves.lengths, epoch)
        self._epoch = epoch
        self._first = self._read_first()
        self.start = 1 if self._first is None else 0

    def _read_first(self) -> list[NDArray[np.float64]] | None:
        """The rows of epoch 0, (metrics,); None where a run has none, as before they were kept."""
        found = read_columns(self._session, self._ids, _METRICS, after=-1, until=0)
        rows = [np.array([own.metrics[name][0] for name in _METRICS]) for own in found if own.epochs.size]
        return rows if rows and len(rows) == len(self._ids) else None

    def list_trajectories(self) -> list[Trajectory]:
        largest = read_largest_weights(self._session, self._ids)
        batches = self._read_batches()
        return [self._make(row, run, largest[run.id], batches[run.id]) for row, run in enumerate(self._curves.runs)]

    def _make(
        self, row: int, run: RunKey, largest: Mapping[int, float], batches: Sequence[NDArray[np.float32]]
    ) -> Trajectory:
        end = int(self._ends[row])
        curves = {name: self._curves.metrics[name][row, :end] for name in _METRICS}
        if self._first is not None:
            curves = {name: np.r_[self._first[row][place], own] for place, (name, own) in enumerate(curves.items())}
        counted = self._find_counted(run, curves["validation_loss"])
        return Trajectory(
            regularizer=run.regularizer,
            strength=run.strength,
            replicate=self._spec.dataset.split.name_replicate(run.seed, run.split),
            start=self.start,
            train_loss=curves["train_loss"],
            train_score=curves["train_score"],
            validation_loss=curves["validation_loss"],
            weight_norm=curves["weight_l2"],
            zero_share=curves["zero_share"],
            counted=counted,
            largest_weight=_find_newest(largest, counted + self.start),
            batch_losses=np.concatenate([np.empty(0), *batches]),
            steps=max((len(own) for own in batches), default=0),
            halved=run.stopped_by == "halving" and end < self._epoch,
            lost=self._find_loss(run),
        )

    def _find_counted(self, run: RunKey, validation: NDArray[np.float64]) -> int:
        """The index of the epoch whose weights count: under early stopping the best, but the untrained."""
        trained = validation[1 - self.start :]
        if find_patience(self._spec, run) is None or np.isnan(trained).all():
            return len(validation) - 1
        return int(np.nanargmin(trained)) + 1 - self.start

    def _find_loss(self, run: RunKey) -> Loss | None:
        if run.diverged_epoch is not None:
            return "diverged"
        return "failed" if self._states[run.id] == State.FAILED else None

    def _read_batches(self) -> dict[int, list[NDArray[np.float32]]]:
        """By run: the minibatch losses of each epoch in the second half of its own."""
        found: dict[int, list[NDArray[np.float32]]] = {}
        for first in range(0, len(self._ids), _AT_ONCE):
            rows = range(first, min(first + _AT_ONCE, len(self._ids)))
            ids = [self._ids[row] for row in rows]
            halves = {self._ids[row]: int(self._ends[row]) // 2 for row in rows}
            losses = read_batch_losses(self._session, ids, after=min(halves.values()), until=self._epoch)
            for run_id, own in losses.items():
                found[run_id] = [own[epoch] for epoch in sorted(own) if epoch > halves[run_id]]
        return found


def _find_newest(largest: Mapping[int, float], until: int) -> float:
    """That of the newest histogram up to an epoch; NaN where there is none."""
    epoch = max((own for own in largest if own <= until), default=None)
    return math.nan if epoch is None else largest[epoch]
