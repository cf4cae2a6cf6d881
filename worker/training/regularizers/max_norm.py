"""A cap on the norm of each unit's weights."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.regularizers.row_norms import measure_rows


class MaxNorm(Regularizer):
    """‖w_j‖₂ ≤ c for each unit's incoming weights w_j, a row of a tensor; c is the strength, smaller is stronger.

    After the step a longer row is scaled back to length c: its projection on the ball. Shorter rows stay exactly as
    they are. The start is not projected. Ω is 0: nothing is added to the objective. With ``penalize_biases`` a layer's
    biases are one row.
    Source: Srebro, Rennie & Jaakkola 2005, NIPS 17; for networks, Srivastava et al. 2014, JMLR 15, 5.1.
    """

    legal: ClassVar = spec.MaxNorm.legal
    acts_by: ClassVar = frozenset({"project"})

    def project(self, weight: Tensor) -> None:
        weight.mul_((self.strengths / measure_rows(weight)).clamp_(max=1))
