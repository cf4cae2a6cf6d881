"""The part of each regularizer, by name."""

from __future__ import annotations

from backend.scripts.parts import RegularizerPart
from backend.scripts.regularizers.noise import NOISE
from backend.scripts.regularizers.penalties import PENALTIES
from backend.scripts.regularizers.procedures import PROCEDURES

REGULARIZERS: dict[str, RegularizerPart] = {**PENALTIES, **NOISE, **PROCEDURES}

__all__ = ["REGULARIZERS"]
