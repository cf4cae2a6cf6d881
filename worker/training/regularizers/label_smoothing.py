"""Label smoothing."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from core.spec import regularizer as spec
from worker.training.regularizers.base import Regularizer
from worker.training.step.batch import Batch
from worker.training.step.losses import Task


class LabelSmoothing(Regularizer):
    """Trains on (1 − ε)·L(y) + ε/K·Σₖ L(k), ε the strength, L the cross-entropy: the target is (1 − ε)·y + ε/K.

    Equal to torch's ``cross_entropy(label_smoothing=ε)``. The reported loss stays the plain cross-entropy. Ω is 0.
    Source: Szegedy et al. 2016, arXiv 1512.00567, section 7.
    """

    legal: ClassVar = spec.LabelSmoothing.legal
    acts_by: ClassVar = frozenset({"loss"})

    def compute_losses(self, outputs: Tensor, batch: Batch, plain: Tensor, task: Task) -> Tensor:
        share = self.strengths.view(-1, 1)
        return (1 - share) * plain + share * task.compute_uniform_losses(outputs)
