"""The data loss and the score, per run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn import functional

from core.errors import InvalidSpecError
from worker.training.networks.layers import activate


class Task(ABC):
    """``outputs``: (M, B, K); ``targets``: (M, B). Losses are means over the examples.

    ``curvature``: no second derivative of an example's loss in its outputs is larger, in any direction.
    """

    curvature: ClassVar[float]

    @abstractmethod
    def compute_losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """The loss of each example, (M, B)."""

    def differentiate(self, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """The loss of each example (M, B), and the gradient (M, B, K) of each run's mean loss."""
        outputs = outputs.detach().requires_grad_()
        losses = self.compute_losses(outputs, targets)
        return losses.detach(), differentiate(losses, outputs)

    @abstractmethod
    def compute_uniform_losses(self, outputs: Tensor) -> Tensor:
        """The mean over all classes of the loss that each would have as the target, (M, B).

        Raises InvalidSpecError where there are no classes.
        """

    def count_hits(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Sums (M,) from which ``compute_score`` makes the score."""
        return self.find_hits(outputs, targets).sum(1)

    @abstractmethod
    def find_hits(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Whether each example is classified rightly, bool (M, B); of a regression none is."""

    @abstractmethod
    def compute_score(self, loss: Tensor, hits: Tensor, targets: Tensor) -> Tensor:
        """The score (M,), float64, of a whole set: mean ``loss`` (M,), summed ``hits`` (M,), ``targets`` (N,)."""


class Classification(Task):
    """Cross-entropy; the score is accuracy. Its curvature: Böhning 1992, Ann. Inst. Stat. Math. 44(1)."""

    curvature = 0.5

    def compute_losses(self, outputs: Tensor, targets: Tensor) -> Tensor:
        # Classes before examples: along its last dimension torch's softmax takes a tenth of a vector at a time.
        return functional.cross_entropy(outputs.mT, targets, reduction="none")

    @torch.no_grad()
    def differentiate(self, outputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """By the operations, and so with the bits, that autograd would come to."""
        logarithms = functional.log_softmax(outputs.mT.contiguous(), 1)
        chosen = targets[:, None]
        slopes = torch.zeros_like(logarithms).scatter_(1, chosen, -1 / targets.shape[1])
        gradient = torch.ops.aten._log_softmax_backward_data(slopes, logarithms, 1, outputs.dtype)
        return logarithms.gather(1, chosen)[:, 0].neg_(), gradient.mT.contiguous()

    def compute_uniform_losses(self, outputs: Tensor) -> Tensor:
        return -functional.log_softmax(outputs, -1).mean(-1)

    def find_hits(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return outputs.argmax(-1) == targets

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

    def find_hits(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return (outputs.squeeze(-1) > 0) == (targets > 0)

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

    def find_hits(self, outputs: Tensor, targets: Tensor) -> Tensor:
        return torch.zeros(outputs.shape[:2], dtype=torch.bool, device=outputs.device)

    def compute_score(self, loss: Tensor, hits: Tensor, targets: Tensor) -> Tensor:
        variance = targets.double().var(correction=0)
        return torch.where(variance > 0, 1 - 2 * loss / variance, torch.nan)


def differentiate(losses: Tensor, outputs: Tensor) -> Tensor:
    """The gradient (M, B, K) of each run's mean of ``losses`` (M, B), which are made of ``outputs``."""
    # Summed over the stack, so that each run's gradient is its own.
    (gradient,) = torch.autograd.grad(losses.mean(1).sum(), outputs)
    # How autograd lays it out depends on how many losses there are; and on that, how the products after it round.
    return gradient.contiguous()


def make_task(classes: int | None, outputs: int) -> Task:
    """``outputs``: of the network, one where it has one logit for two classes."""
    if classes is None:
        return Regression()
    return Logistic() if outputs == 1 else Classification()
