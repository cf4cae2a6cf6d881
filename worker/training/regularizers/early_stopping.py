"""Early stopping."""

from __future__ import annotations

from typing import ClassVar

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.regularizers.convex_norms import Norms


class EarlyStopping(Regularizer):
    """The run ends once ``patience`` epochs in a row, the strength, brought no new lowest validation loss.

    A smaller patience is stronger. The run's result is its best epoch, that of the lowest validation loss, also
    where it reaches the last epoch. Until it ends it trains as the
    baseline does, bit for bit: ``StoppingRules`` ends it. Ω is 0. Source: Prechelt 1998, "Early Stopping — But When?",
    in Neural Networks: Tricks of the Trade, LNCS 1524 (his criteria watch strips of epochs; this is the usual rule).
    """

    legal: ClassVar = spec.EarlyStopping.legal
    acts_by: ClassVar = frozenset({"stop"})

    @property
    def norms(self) -> Norms:
        return Norms()
