"""Reasons for which runs end before the last epoch."""

from __future__ import annotations

from typing import Literal, Protocol

from core.spec.experiment import ExperimentSpec
from core.spec.regularizer import EarlyStopping

Reason = Literal["early_stopping", "halving", "tolerance"]


class Swept(Protocol):
    """A run, or a cell of runs."""

    @property
    def regularizer(self) -> str: ...

    @property
    def strength(self) -> float: ...


def stops_early(spec: ExperimentSpec) -> bool:
    """Whether early stopping acts on every run."""
    return any(isinstance(regularizer, EarlyStopping) for regularizer in spec.fixed)


def find_patience(spec: ExperimentSpec, run: Swept) -> int | None:
    """The patience of early stopping, swept or fixed, on ``run``; None without it.

    With it, a run's best epoch counts: that of its lowest validation loss.
    """
    if run.regularizer == EarlyStopping.get_name():
        return int(run.strength)
    fixed = next((regularizer for regularizer in spec.fixed if isinstance(regularizer, EarlyStopping)), None)
    return None if fixed is None else int(fixed.values()[0])
