"""Measures of the weights after an epoch: norms, zeros, histograms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from worker.training.device import cut_to_cache
from worker.training.regularizers.norms import add_up, sum_absolute

BINS = 64
HISTOGRAMS_BETWEEN = 10


class WeightMeasures:
    """Of each run (M,), over its weight tensors (M, rows, columns): of each, and of all together."""

    def __init__(self, weights: Sequence[Tensor]) -> None:
        self._weights = weights
        self._norms = [weight.flatten(1).norm(dim=1) for weight in weights]
        # Several times as quick on a CPU as comparing and adding up; exact below 2^24 weights in a tensor.
        self._others = [torch.linalg.vector_norm(weight.flatten(1), 0, dim=1).double() for weight in weights]
        self._counts = [weight[0].numel() for weight in weights]

    def summarize(self) -> dict[str, Tensor]:
        """Σ|w|, ‖w‖₂ and the share of exact zeros, over all of them."""
        count = sum(self._counts)
        return {
            "weight_l1": sum_absolute(self._weights),
            "weight_l2": add_up(norm.square() for norm in self._norms).sqrt(),
            "zero_share": (count - add_up(self._others)) / count,
        }

    def list_norms(self) -> list[Tensor]:
        """‖W‖₂ of each."""
        return self._norms

    def list_zero_shares(self) -> list[Tensor]:
        """The share of exact zeros in each."""
        return [(count - own) / count for count, own in zip(self._counts, self._others, strict=True)]


def choose_histogram_epochs(epochs: int) -> frozenset[int]:
    """The first, the last and ten between, evenly; all of them where there are no more."""
    last = HISTOGRAMS_BETWEEN + 1
    return frozenset(1 + round(i * (epochs - 1) / last) for i in range(last + 1))


def count_weights(weight: Tensor, bins: int = BINS) -> tuple[Tensor, Tensor, Tensor]:
    """Lowest and highest weight (M,) and counts int64 (M, bins) of finite weights (M, rows, columns), per run.

    Bins are of equal width; the last includes its upper edge. Where all are equal, the range is one wide around them.
    """
    parts = [_count_weights(part, bins) for part in cut_to_cache(weight)]
    low, high, counts = (torch.cat(column) for column in zip(*parts, strict=True))
    return low, high, counts


def count_tensors(
    weights: Sequence[Tensor],
) -> list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint32]]]:
    """As ``count_weights`` of each tensor, on the CPU."""
    counted = [count_weights(weight) for weight in weights]
    return [(low.cpu().numpy(), high.cpu().numpy(), n.cpu().numpy().astype(np.uint32)) for low, high, n in counted]


def _count_weights(weight: Tensor, bins: int) -> tuple[Tensor, Tensor, Tensor]:
    flat = weight.flatten(1).double()
    low, high = flat.amin(1), flat.amax(1)
    low, high = torch.where(low == high, low - 0.5, low), torch.where(low == high, high + 0.5, high)
    scaled = (flat - low[:, None]) * (bins / (high - low))[:, None]
    index = scaled.long().clamp_(0, bins - 1) + torch.arange(len(flat), device=flat.device)[:, None] * bins
    return low, high, torch.bincount(index.flatten(), minlength=len(flat) * bins).view(-1, bins)
