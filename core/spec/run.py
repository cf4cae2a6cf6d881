"""PlannedRun: one run of the sweep."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PlannedRun:
    """One training: (regularizer, strength, seed). ``regularizer`` is the key of RegularizerBase, or ``none``."""

    regularizer: str
    strength: float
    seed: int
