"""The demonstration sweep: a network with room to learn wrong labels by heart, and what regularizers do about it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from core.spec import ExperimentSpec

DEMONSTRATION = Path(__file__).with_suffix(".json")


@lru_cache
def load_demonstration() -> ExperimentSpec:
    return ExperimentSpec.model_validate_json(DEMONSTRATION.read_bytes())
