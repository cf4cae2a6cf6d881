"""The data loss and the score, per run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from core.errors import InvalidSpecError
from worker.training.layers import activate


class Task(ABC):
    """``outputs``: (M, B, K); ``targets``: (M, B). Losses are means over the examples.

    ``curvature``: no second derivative of an example's loss in its outputs is larger, in any direction.
    """

    curvature: ClassVar[float]

    @abstractmethod
    def compute_losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The loss of each example, (M, B)."""

    @abstractmethod
    def compute_uniform_losses(self, outputs: Tensor) -> Tensor:
        """The mean over all classes of the loss that each would have as the target, (M, B).

        Raises InvalidSpecError where there are no classes.
        """

    @abstractmethod
    def count_hits(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Sums (M,) from which ``compute_score`` makes the score."""

    @abstractmethod
    def compute_score(self, loss: Tensor, hits: Tensor, targets: Tensor) -> Tensor:
        """The score (M,), float64, of a whole set: mean ``loss`` (M,), summed ``hits`` (M,), ``targets`` (N,)."""


class Classification(Task):
    """Cross-entropy; the score is accuracy. Its curvature: Böhning 1992, Ann. Inst. Stat. Math. 44(1)."""

    curvature = 0.5

    def compute_losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        losses = functional.cross_entropy(outputs.flatten(0, 1), targets.flatten(), reduction="none")
        return losses.view(targets.shape)

    def compute_uniform_losses(self, outputs: Tensor) -> Tensor:
        return -functional.log_softmax(outputs, -1).mean(-1)

    def count_hits(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return (outputs.argmax(-1) == targets).sum(1)

    def compute_score(self, loss: Tensor, hits: Tensor, targets: Tensor) -> Tensor:
        return hits.double() / len(targets)


class Logistic(Task):
    """Two classes by one logit z of the second: softplus(z) − y·z. The score is accuracy, its threshold z = 0."""

    curvature = 0.25

    def compute_losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        logits = outputs.squeeze(-1)
        return _compute_softplus(logits) - targets * logits

    def compute_uniform_losses(self, outputs: Tensor) -> Tensor:
        logits = outputs.squeeze(-1)
        return _compute_softplus(logits) - logits / 2

    def count_hits(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return ((outputs.squeeze(-1) > 0) == (targets > 0)).sum(1)

    def compute_score(self, loss: Tensor, hits: Tensor, targets: Tensor) -> Tensor:
        return hits.double() / len(targets)


def _compute_softplus(x: Tensor) -> Tensor:
    """log(1 + exp(x)) of each element, wherever it lies in the stack (see ``activate``)."""
    # Above torch's own threshold of 20, float64 still tells it from x.
    return activate(lambda values: functional.softplus(values, threshold=40), x)


class Regression(Task):
    """½·(squared error); the score is R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)², ȳ the set's own mean, as scikit-learn's.

    Where the set does not vary R² is undefined, NaN.
    """

    curvature = 1.0

    def compute_losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return (outputs.squeeze(-1) - targets).square() / 2

    def compute_uniform_losses(self, outputs: Tensor) -> Tensor:
        raise InvalidSpecError(
            "Label smoothing needs classes; a regression has none.",
            field="regularizers",
            expected="a data set with classes, or another regularizer",
            received="label_smoothing",
        )

    def count_hits(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return torch.zeros(len(outputs), dtype=torch.int64, device=outputs.device)

    def compute_score(self, loss: Tensor, hits: Tensor, targets: Tensor) -> Tensor:
        variance = targets.double().var(correction=0)
        return torch.where(variance > 0, 1 - 2 * loss / variance, torch.nan)


def make_task(classes: int | None, outputs: int) -> Task:
    """``outputs``: of the network, one where it has one logit for two classes."""
    if classes is None:
        return Regression()
    return Logistic() if outputs == 1 else Classification()
