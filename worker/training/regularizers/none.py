"""The baseline."""

from __future__ import annotations

from typing import ClassVar

from core.spec.regularizer import Interval
from worker.training.regularizers.base import Regularizer


class Baseline(Regularizer):
    """Ω = 0; nothing acts."""

    legal: ClassVar[Interval] = Interval()
