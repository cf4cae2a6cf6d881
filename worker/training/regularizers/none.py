"""The baseline."""

from __future__ import annotations

from typing import ClassVar

from core.spec.regularizer import Interval
from worker.training.regularizers.base import Regularizer
from worker.training.regularizers.convex_norms import Norms


class Baseline(Regularizer):
    """Ω = 0; nothing acts."""

    legal: ClassVar[Interval] = Interval()

    @property
    def norms(self) -> Norms:
        return Norms()
