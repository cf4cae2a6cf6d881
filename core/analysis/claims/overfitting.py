"""Over-fitting: what a run has learnt that does not hold beyond its training examples."""

from __future__ import annotations

import numpy as np

from core.analysis.claims.trajectory import Measurement, Trajectory, measure


def measure_gap(run: Trajectory) -> Measurement | None:
    """Validation loss less training loss, of the weights that count."""
    validation, train = run.read_end(run.validation_loss), run.read_end(run.train_loss)
    return None if validation is None or train is None else measure(validation - train)


def measure_turn(run: Trajectory) -> Measurement | None:
    """How far the validation loss has risen above its own minimum, at the weights that count."""
    end = run.read_end(run.validation_loss)
    return None if end is None else measure(end - float(np.nanmin(run.validation_loss)))
