"""What one experiment may hold."""

from __future__ import annotations

from core.catalogue.entries import Limits
from core.catalogue.networks import MAX_WEIGHTS
from core.spec.experiment import MAX_EPOCH_ROWS, MAX_EPOCHS, MAX_REGULARIZERS, MAX_RUNS, MAX_SEEDS
from core.spec.strength import MAX_STRENGTHS

LIMITS = Limits(
    epochs=MAX_EPOCHS,
    strengths=MAX_STRENGTHS,
    seeds=MAX_SEEDS,
    runs=MAX_RUNS,
    epoch_rows=MAX_EPOCH_ROWS,
    regularizers=MAX_REGULARIZERS,
    weights=MAX_WEIGHTS,
)
