"""The data loss and the score, per run."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn import functional

from core.errors import InvalidSpecError


class Task(ABC):
    """``outputs``: (M, B, K); ``targets``: (M, B). Losses are means over the examples."""

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
    """Cross-entropy; the score is accuracy."""

    def compute_losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        losses = functional.cross_entropy(outputs.flatten(0, 1), targets.flatten(), reduction="none")
        return losses.view(targets.shape)

    def compute_uniform_losses(self, outputs: Tensor) -> Tensor:
        return -functional.log_softmax(outputs, -1).mean(-1)

    def count_hits(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return (outputs.argmax(-1) == targets).sum(1)

    def compute_score(self, loss: Tensor, hits: Tensor, targets: Tensor) -> Tensor:
        return hits.double() / len(targets)


class Regression(Task):
    """½·(squared error); the score is R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)², ȳ the set's own mean, as scikit-learn's.

    Where the set does not vary R² is undefined, NaN.
    """

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


def make_task(classes: int | None) -> Task:
    return Regression() if classes is None else Classification()
