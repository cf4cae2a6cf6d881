"""Limits on one experiment. Pure: the limits are parameters."""

from __future__ import annotations

from core.catalogue.schemas import Limits
from core.errors import InvalidSpecError
from core.spec import ExperimentSpec


def check_limits(spec: ExperimentSpec, limits: Limits) -> None:
    """Raise InvalidSpecError, naming the field, where ``spec`` exceeds ``limits``.

    Checked at submission only: accepted experiments are trained, even if the limits change.
    """
    _check_counts(spec, limits)
    runs = spec.count_runs()
    if runs > limits.runs:
        message = f"An experiment holds at most {limits.runs} runs; received {runs}."
        raise InvalidSpecError(message, field="regularizers", expected=f"at most {limits.runs} runs", received=runs)
    if runs * spec.epochs > limits.epoch_rows:
        message = f"Runs × epochs must be at most {limits.epoch_rows}; received {runs} × {spec.epochs}."
        most = limits.epoch_rows // runs
        expected = f"at most {most} with {runs} runs" if most else f"fewer runs than {runs}"
        raise InvalidSpecError(message, field="epochs", expected=expected, received=spec.epochs)


def _check_counts(spec: ExperimentSpec, limits: Limits) -> None:
    _check("epochs", "epochs", spec.epochs, limits.epochs)
    _check("seeds", "seeds", len(spec.list_seeds()), limits.seeds)
    _check("regularizers", "regularizers", len(spec.regularizers), limits.regularizers)
    for index, regularizer in enumerate(spec.regularizers):
        _check(f"regularizers.{index}.strengths", "strengths", len(regularizer.values()), limits.strengths)


def _check(field: str, noun: str, received: int, most: int) -> None:
    if received > most:
        message = f"Ridgeline takes at most {most} {noun} here; received {received}."
        raise InvalidSpecError(message, field=field, expected=f"at most {most} {noun}", received=received)
