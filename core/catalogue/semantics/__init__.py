"""What each regularizer means exactly: the objective as trained, what it acts on and how, its equivalents."""

from __future__ import annotations

from core.catalogue.schemas import Semantics
from core.catalogue.semantics.noise import NOISE
from core.catalogue.semantics.penalties import PENALTIES
from core.catalogue.semantics.procedures import PROCEDURES

SEMANTICS: dict[str, Semantics] = {**PENALTIES, **NOISE, **PROCEDURES}

__all__ = ["SEMANTICS"]
